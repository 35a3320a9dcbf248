//! A family's file: entered, found again, read for a minute, changed; and nothing of it left behind in the browser.

use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use crate::support::*;

const SECRETS: &[&str] = &["许清水", "许小荷", "13805950137", "6217001850012345678", "新厝12号"];

/// Asserts that the browser's storage and history contain nothing of the family.
async fn leaves_nothing(browser: &Browser) {
    const KEPT: &str = "return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, \
                        performance.getEntriesByType('resource').map(entry => entry.name), document.cookie])";
    let kept = browser.script(KEPT, Value::Null).await.to_string();
    for secret in SECRETS {
        assert!(!kept.contains(secret), "{secret} is kept in the browser: {kept}");
    }
}

/// Asserts that the page does not identify the family.
async fn is_masked(browser: &Browser) {
    let text = browser.text().await;
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is on the page: {text}");
    }
}

journey!(a_family_is_entered_found_read_and_changed, async |app, browser| {
    browser.sign_in(Who::VillageA, "/").await;
    browser.menu("帮扶户", "帮扶户档案").await;
    browser.heading("帮扶户").await;
    browser.link("新建帮扶户档案").await;
    browser.heading("新建帮扶户档案").await;
    browser.select("困难类别", "低保").await;
    browser.select("主要致贫原因", "因病").await;
    browser.fill("年人均收入（元）", "4800").await;
    browser.fill("地址", "新厝12号").await;
    browser.fill("联系电话", "13805950137").await;
    browser.fill("姓名", "许清水").await;
    browser.fill("身份证号", "350582196503120011").await;
    browser.button("保存").await;
    browser.sees("校验码不符").await;
    let number = identity_number("19650312", 1);
    browser.fill("身份证号", &number).await;
    browser.holds("出生日期", "1965-03-12").await;
    browser.select("健康状况", "残疾").await;
    browser.select("残疾类别", "肢体残疾").await;
    browser.fill("残疾等级（1 至 4）", "2").await;
    browser.select("文化程度", "小学").await;
    browser.select("劳动能力", "丧失劳动力").await;
    browser.button("登记知情同意").await;
    browser.day("同意日期", "2020-04-18").await;
    browser.fill("同意人", "许清水").await;
    browser.is_accessible().await;
    leaves_nothing(browser).await;
    browser.button("保存").await;
    browser.heading("许** 350582104206-0001").await;
    browser.sees("档案还缺：银行账号").await;
    browser.sees("138****0137").await;
    is_masked(browser).await;
    browser.tab("家庭成员").await;
    browser.sees("残疾 · 肢体残疾2级").await;
    is_masked(browser).await;

    // The file waits on the work list until it is complete.
    browser.link("工作台").await;
    browser.sees("待补全的帮扶户档案").await;
    browser.link("永湖村委会 · 350582104206-0001 · 银行账号").await;

    // Full data is shown for a purpose, and disappears with the dialog.
    browser.button("查阅完整信息").await;
    browser.button("查阅完整信息").await;
    browser.sees("必填").await;
    browser.select("用途", "入户走访").await;
    browser.is_accessible().await;
    browser.button("查阅完整信息").await;
    browser.sees(&number).await;
    browser.sees("许清水").await;
    browser.sees("秒后关闭").await;
    browser.is_accessible().await;
    browser.button("关闭").await;
    browser.gone("//dialog").await;
    is_masked(browser).await;
    leaves_nothing(browser).await;
    browser.tab("历史记录").await;
    browser.sees("查阅完整档案").await;
    is_masked(browser).await;

    // While the file is changed, no draft of it is saved.
    browser.link("编辑").await;
    browser.sees("记入审计记录").await;
    browser.button("读取并修改").await;
    browser.holds("身份证号", &number).await;
    browser.fill("银行账号", "6217001850012345678").await;
    leaves_nothing(browser).await;
    browser.button("保存").await;
    browser.heading("许** 350582104206-0001").await;
    let file = &app.village_a().get("/households").await.is(200).items()[0].clone();
    assert_eq!((&file["missing"], &file["version"]), (&json!([]), &json!(2)));

    browser.tab("入户走访").await;
    browser.button("登记走访").await;
    browser.fill("走访情况", "许清水已出院").await;
    browser.button("保存").await;
    browser.sees("不得写入家庭成员的姓名").await;
    browser.fill("走访情况", "户主已出院").await;
    browser.button("保存").await;
    browser.gone("//dialog").await;
    browser.sees("户主已出院").await;

    browser.button("开始帮扶").await;
    browser.button("开始帮扶").await;
    browser.gone("//dialog").await;
    browser.sees("帮扶中").await;
    browser.tab("帮扶状态").await;
    browser.find("//td[normalize-space()='2020年4月20日']").await;

    // The name in a search appears in no address.
    browser.menu("帮扶户", "帮扶户档案").await;
    browser.link("精确查找").await;
    browser.button("查找").await;
    browser.sees("三项中须填且只能填一项").await;
    browser.fill("姓名", "许清水").await;
    browser.button("查找").await;
    browser.link("350582104206-0001").await;
    browser.heading("许** 350582104206-0001").await;
    leaves_nothing(browser).await;

    browser.tab("知情同意").await;
    browser.button("登记撤回同意").await;
    browser.is_accessible().await;
    browser.button("登记撤回同意").await;
    browser.sees("未知情同意").await;
    assert_eq!(app.village_a().get("/households").await.is(200).items()[0]["consented"], false);
});

journey!(a_person_without_an_identity_card_is_entered, async |app, browser| {
    app.village_a().get("/households").await.is(200);
    browser.sign_in(Who::VillageA, "/households/new").await;
    browser.heading("新建帮扶户档案").await;
    browser.select("困难类别", "低保").await;
    browser.select("主要致贫原因", "因病").await;
    browser.fill("地址", "新厝12号").await;
    browser.fill("姓名", "阮氏春").await;
    browser.select("证件类型", "护照").await;
    browser.fill("证件号码", "E1").await;
    browser.day("出生日期", "1988-02-03").await;
    browser.select("健康状况", "健康").await;
    browser.select("文化程度", "小学").await;
    browser.select("劳动能力", "普通劳动力").await;
    browser.button("保存").await;
    browser.sees("不是有效的护照号码").await;
    browser.fill("证件号码", "e 12345678").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("阮** 350582104206-0001").await;
    browser.tab("家庭成员").await;
    browser.sees("护照 E*****678").await;
});

journey!(a_file_is_out_of_sight_after_a_minute, async |app, browser| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    browser.sign_in(Who::Bureau, &made.path()).await;
    browser.button("查阅完整信息").await;
    browser.select("用途", "核查核验").await;
    // Makes the minute pass at once.
    browser
        .script("const real = window.setInterval; window.setInterval = (run, time) => real(run, time / 50)", Value::Null)
        .await;
    browser.button("查阅完整信息").await;
    browser.sees("许清水").await;
    browser.gone("//dialog").await;
    is_masked(browser).await;
    // The bureau may read files, but not edit them.
    browser.gone("//a[normalize-space()='编辑']").await;
    browser.visit(&format!("{}/edit", made.path())).await;
    browser.heading("未找到该页面").await;
    browser.sign_out().await;
    let paired = app.active(campaign(), "2020-04-18").await;
    app.helps(paired["campaign_id"].as_str().expect("an id"), &made.id()).await;
    browser.sign_in(Who::OrganisationA, &made.path()).await;
    browser.heading(&format!("许** {VILLAGE_A}-0001")).await;
    for hidden in ["//button[normalize-space()='查阅完整信息']", "//*[@role='tab'][normalize-space()='历史记录']"] {
        browser.gone(hidden).await;
    }
    is_masked(browser).await;
    browser.sign_out().await;
    browser.sign_in(Who::Auditor, "/").await;
    browser.gone("//nav//*[normalize-space()='帮扶户']").await;
});

journey!(files_are_taken_in_full_for_a_purpose, async |app, browser| {
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 3)).await.is(201);
    browser.sign_in(Who::Bureau, &format!("/households?within={TOWN_A}")).await;
    browser.button("导出完整信息").await;
    browser.is_accessible().await;
    browser.button("导出完整信息").await;
    browser.sees("必填").await;
    browser.select("用途", "发放款物").await;
    browser.fill("备注", "许清水家").await;
    browser.button("导出完整信息").await;
    browser.sees("不得写入家庭成员的姓名").await;
    browser.fill("备注", "春节慰问金").await;
    browser.button("导出完整信息").await;
    let (name, workbook) = browser.downloaded("xlsx").await;
    assert!(name.starts_with("帮扶户-") && workbook.starts_with(b"PK"), "{name}");
    browser.gone("//dialog").await;
    browser.sees("已导出，请妥善保管，用完即删").await;
    let trail = app.as_(Who::Auditor).get("/audit-events?action=export_personal").await.is(200);
    let rows = trail.items()[0]["changes"].as_array().expect("changes").iter().find(|change| change["field"] == "rows");
    assert_eq!(rows.expect("a count")["to"], 1, "what is filtered");
    browser.sign_out().await;
    browser.sign_in(Who::VillageA, "/households").await;
    browser.gone("//button[normalize-space()='导出完整信息']").await;
});

journey!(a_file_that_names_nobody_any_more_says_so, async |app, browser| {
    let village = app.active(campaign(), "2020-04-18").await;
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.helps(village["campaign_id"].as_str().expect("an id"), &made.id()).await;
    let now = app.village_a().get(&made.path()).await.is(200);
    let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&made.path(), withdraw).if_match(&now.etag()).await.is(200);
    app.clock.set(noon("2020-11-01"));
    assert_eq!(app.retention(false).await.0.len(), 1);

    browser.sign_in(Who::VillageA, "/households").await;
    browser.sees("已匿名化").await;
    browser.link(&format!("{VILLAGE_A}-0001")).await;
    browser.heading(&format!("{VILLAGE_A}-0001")).await;
    browser.sees("自2020年11月1日起不再保留姓名").await;
    browser.is_accessible().await;
    // Actions that are no longer possible are no longer offered.
    for hidden in ["入户登记", "编辑", "查阅完整信息", "合并重复档案", "家庭成员", "知情同意", "附件"]
    {
        browser.gone(&format!("//main//*[self::a or self::button][normalize-space()='{hidden}']")).await;
    }
    for (tab, hidden) in [("结对单位", "提出结对"), ("帮扶方案", "制定帮扶方案"), ("帮扶记录", "登记帮扶")]
    {
        browser.tab(tab).await;
        browser.gone(&format!("//main//a[normalize-space()='{hidden}']")).await;
    }
    // Nor can the family be picked in forms.
    browser.visit("/assistance-records/new").await;
    browser.fill("帮扶户", "永湖").await;
    browser.sees("0 个选项").await;
});
