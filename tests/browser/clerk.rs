//! The town clerk's part of the year, by clicking: an answer, a month's progress, the form, paper and workbook.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::json;
use thirtyfour::common::print::PrintParameters;

use super::journey;
use crate::api::catalogue::{need, offer, publish};
use crate::support::*;

journey!(a_clerk_answers_reports_and_sends_the_months_form, async |app, browser| {
    let pairing = app.proposed(with(campaign(), "/settings", json!({ "project_grace_days": 7 }))).await;
    let title = "永湖村委会 · 晋江市慈善总会";
    // Nothing else waits for the town: both have said what they need and offer.
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    publish(app, Who::VillageA, need(&campaign_id)).await;
    publish(app, Who::OrganisationA, offer(app, &campaign_id)).await;

    browser.sign_in(Who::TownA, "/").await;
    browser.heading("TownA，您好").await;
    browser.sees("待答复的结对").await;
    browser.link(title).await;
    browser.heading(title).await;
    browser.button("同意结对").await;
    browser.button("同意结对").await;
    browser.sees("请填写原因").await;
    browser.is_accessible().await;
    browser.fill("代为办理的原因", "村委会正在换届，已电话确认").await;
    browser.button("同意结对").await;
    browser.sees("双方同意").await;
    assert_eq!(app.bureau().get(&pairing.path()).await.is(200)["state"], "accepted");
    browser.link("工作台").await;
    browser.sees("目前没有等您办理的事项。").await;
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    app.activate(&pairing.id(), "2020-04-20").await;

    // 每月: the month's progress, starting from the pairing's own page.
    browser.menu("结对", "结对一览").await;
    browser.link("永湖村委会").await;
    browser.link("填报进展").await;
    browser.holds("月份", "2020-04").await;
    browser.fill("具体帮扶内容", "资助4名学生").await;
    browser.fill("进展情况", "已发放助学金2万元").await;
    browser.button("保存").await;
    browser.heading(&format!("{title} · 2020年4月")).await;

    // 每月5日前: the form of the month before. The access token has expired by now, and nobody notices.
    app.clock.set(noon("2020-05-02"));
    browser.menu("报表", "月报统计表").await;
    browser.link("汇总填报").await;
    // There is only one campaign, so the form selects it.
    browser.holds("活动", "2020年“百社解千难”活动").await;
    browser.holds("镇（街道）", "东石镇").await;
    browser.holds("月份", "2020-04").await;
    browser.button("保存").await;
    browser.heading("东石镇 · 2020年4月").await;
    browser.link("编辑").await;
    browser.holds("第 1 行 进展情况", "已发放助学金2万元").await;
    browser.fill("第 1 行 进展情况", "已发放助学金2万元，走访4户").await;
    browser.button("保存").await;
    browser.heading("东石镇 · 2020年4月").await;
    browser.tab("报送前检查").await;
    browser.sees("签约后逾期未立合作项目").await;
    browser.tab("统计表").await;
    browser.button("报送").await;
    browser.button("报送").await;
    browser.sees("已报送").await;
    browser.sees("填报时间：2020年5月2日").await;
    let sent = app.bureau().get("/reports?state=submitted").await.is(200);
    assert_eq!(sent.items().len(), 1);
    assert_eq!(sent.items()[0]["late"], false);

    // The print shows the annex only, and fits the width of the sheet.
    browser.cdp("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    let printed = browser.text().await;
    let lines: Vec<_> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines[0], "合作村社帮扶工作开展情况统计表");
    for unwanted in ["工作台", "报送前检查", "导出 Excel", "演示环境"] {
        assert!(!printed.contains(unwanted), "{unwanted} is printed");
    }
    browser.cdp("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
    let sheet = browser.driver.print_page(PrintParameters::default()).await.expect("a PDF");
    assert!(sheet.starts_with(b"%PDF-"));

    browser.button("导出 Excel").await;
    let (name, workbook) = browser.downloaded("xlsx").await;
    assert_eq!(name, "东石镇-2020-04.xlsx");
    let mut workbook = Xlsx::new(Cursor::new(workbook)).expect("a workbook");
    let range = workbook.worksheet_range("东石镇").expect("a sheet");
    let cells: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
    assert_eq!(cells[0][0], "合作村社帮扶工作开展情况统计表");
    assert_eq!(cells[1], ["填报单位: 东石镇社会事务办", "", "", "填报时间: 2020年5月2日", ""]);
    assert_eq!(cells[4], ["1", "永湖村委会", "晋江市慈善总会", "资助4名学生", "已发放助学金2万元，走访4户"]);
});

journey!(a_town_consents_to_a_plan_for_its_village, async |app, browser| {
    let project = app.project(campaign()).await;
    browser.sign_in(Who::TownA, "/").await;
    browser.sees("待商定的项目方案").await;
    browser.visit(&project.path()).await;
    browser.sees("村（社区）尚未同意").await;
    browser.button("同意方案").await;
    browser.button("同意方案").await;
    browser.sees("请填写原因").await;
    assert_eq!(browser.focused().await, "代为办理的原因");
    browser.fill("代为办理的原因", "村委会尚无账号，已电话确认").await;
    browser.button("同意方案").await;
    browser.gone("//dialog").await;
    assert!(app.town_a().get(&project.path()).await.is(200)["village_consented_at"].is_string());
    browser.gone("//*[contains(., '村（社区）尚未同意')]").await;

    // Whoever has to mend it reads why it was returned.
    for step in ["consent", "submit"] {
        app.organisation_a().post(&format!("{}/{step}", project.path()), json!({})).await.is(200);
    }
    let note = json!({ "note": "请细化每月任务" });
    app.bureau().post(&format!("{}/return", project.path()), note).await.is(200);
    browser.visit(&project.path()).await;
    browser.sees("退回：请细化每月任务").await;
});

journey!(the_bureau_reopens_a_form_and_reads_when_it_can_accept_one, async |app, browser| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let (town, bureau) = (app.town_a(), app.bureau());
    app.clock.set(noon("2020-05-02"));
    let mut forms = Vec::new();
    for month in ["2020-04", "2020-05"] {
        let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": month });
        let form = town.post("/reports", form).await.is(201);
        town.post(&format!("{}/submit", form.path()), json!({})).await.is(200);
        forms.push(form);
    }
    bureau.post(&format!("{}/accept", forms[0].path()), json!({})).await.is(200);

    browser.sign_in(Who::Bureau, &forms[1].path()).await;
    browser.sees("该月尚未结束，2020年6月1日 起可以通过。").await;
    browser.gone("//button[normalize-space()='通过']").await;
    browser.visit(&forms[0].path()).await;
    browser.button("重新打开").await;
    browser.sees("统计表须由镇（街道）重新报送").await;
    browser.button("重新打开").await;
    browser.sees("请填写原因").await;
    browser.is_accessible().await;
    browser.fill("原因（必填）", "漏报一户").await;
    browser.button("重新打开").await;
    browser.gone("//dialog").await;
    browser.sees("退回原因：漏报一户").await;
    assert_eq!(bureau.get(&forms[0].path()).await.is(200)["state"], "returned");
});

journey!(what_comes_late_is_read_in_the_next_form_and_followed_to_its_record, async |app, browser| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let given = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let form = |month: &str| json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": month });
    let (town, bureau) = (app.town_a(), app.bureau());
    app.clock.set(noon("2020-05-02"));
    let april = town.post("/reports", form("2020-04")).await.is(201);
    town.post(&format!("{}/submit", april.path()), json!({})).await.is(200);
    bureau.post(&format!("{}/accept", april.path()), json!({})).await.is(200);
    app.village_a().post(&format!("{}/confirm", given.path()), json!({})).await.is(200);
    let may = town.post("/reports", form("2020-05")).await.is(201);

    let carried = "补报2020年4月：走访慰问1户，发放资金2000元";
    browser.sign_in(Who::TownA, &may.path()).await;
    browser.sees(carried).await;
    // In the form the carried text stands beside what is typed.
    browser.visit(&format!("{}/edit", may.path())).await;
    browser.holds("第 1 行 进展情况", "").await;
    browser.sees(carried).await;
    browser.is_accessible().await;
    browser.visit(&may.path()).await;
    browser.link("查看补报的帮扶记录").await;
    browser.arrives(&format!("/assistance-records?carried_in={}", may.id())).await;
    browser.sees("永湖村委会").await;
    browser.visit(&given.path()).await;
    browser.sees("计入统计表").await;
    browser.sees("2020年5月").await;
});

journey!(a_signed_agreement_is_read_as_it_was_signed, async |app, browser| {
    let draft = app.agreement(campaign()).await;
    let pairing_id = draft["pairing_id"].as_str().expect("an id");
    let planned = app.organisation_a().post("/projects", project(pairing_id)).await.is(201);
    app.scan(&draft).await;
    app.bureau().post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })).await.is(200);
    app.organisation_a().post(&format!("{}/cancel", planned.path()), json!({ "note": "另选项目" })).await.is(200);
    app.sql("UPDATE organisations SET name = '改名后的慈善总会' WHERE name = '晋江市慈善总会'").await;
    browser.sign_in(Who::TownA, &draft.path()).await;
    browser.heading("永湖村委会 · 晋江市慈善总会").await;
    browser.tab("协议内容").await;
    browser.sees("签订时的合作项目").await;
    browser.sees("龙眼深加工").await;
    browser.is_accessible().await;
});
