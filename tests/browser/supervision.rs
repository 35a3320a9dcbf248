//! Supervision by clicking: a round by lot, an inspection filled in on a phone, a finding that is mended and verified.

use image::ImageFormat;
use serde_json::json;

use super::harness::Browser;
use super::journey;
use crate::support::*;

/// The result of an item of the sheet, by one tap.
async fn tap(browser: &Browser, item: usize, result: &str) {
    browser.click(&format!("//section[@aria-labelledby='item-{item}']//label[normalize-space()='{result}']")).await;
}

journey!(a_round_is_drawn_held_mended_and_verified_by_clicking, async |app, browser| {
    // Both organisations with both villages: three of the four are drawn, so one at least is of village A.
    for draft in app.four_drafts().await {
        app.activate(draft["pairing_id"].as_str().expect("an id"), "2020-04-18").await;
    }

    browser.sign_in(Who::Bureau, "/").await;
    browser.menu("督查", "检查清单").await;
    browser.link("新建检查清单").await;
    browser.fill("标题", "结对帮扶检查清单").await;
    browser.fill("内容", "协议已签订").await;
    browser.button("添加检查项目").await;
    browser.fill("内容", "项目有月度任务").await;
    browser.button("添加检查项目").await;
    browser.button("保存").await;
    browser.sees("必填").await;
    browser.fill("内容", "资金有台账").await;
    // What was written last is to be looked at first.
    browser.button("第 3 行上移").await;
    browser.button("第 2 行上移").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("结对帮扶检查清单").await;
    let lists = app.bureau().get("/checklists").await.is(200);
    let texts: Vec<_> = lists.items()[0]["items"].as_array().expect("items").iter().map(|item| item["text"].clone()).collect();
    assert_eq!(texts, ["资金有台账", "协议已签订", "项目有月度任务"]);
    browser.button("启用").await;
    browser.button("启用").await;
    browser.sees("使用中").await;

    browser.link("新建检查批次").await;
    browser.holds("检查清单", "结对帮扶检查清单").await;
    browser.select("类别", "抽查").await;
    browser.fill("标题", "四月抽查").await;
    browser.day("结束日期", "2020-04-30").await;
    browser.button("添加 检查人员").await;
    browser.pick("检查人员", "TownA").await;
    browser.choose("抽签").await;
    browser.fill("抽取数量", "3").await;
    let seed = browser.held("//input[@id='f-selection-seed']").await;
    assert!(seed.parse::<u32>().is_ok(), "the form draws a seed: {seed}");
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("四月抽查").await;
    browser.sees("选中 3 个结对，共 4 个符合条件").await;
    browser.sees(&seed).await;
    browser.is_accessible().await;
    assert_eq!(app.bureau().get("/inspections").await.is(200)["total"], 0, "so far it is looked at only");
    browser.button("开始检查").await;
    browser.button("开始检查").await;
    browser.sees("检查中").await;
    browser.tab("督促检查").await;
    browser.sees("查看全部 3 项").await;
    browser.is_accessible().await;
    browser.tab("抽取结果").await;
    browser.sees(&seed).await;
    browser.sign_out().await;

    // The town fills in one of its own, on a phone.
    let planned = app.town_a().get("/inspections?state=planned").await.is(200);
    let inspection = planned.items()[0].clone();
    let organisation = inspection["organisation_name"].as_str().expect("a name").to_owned();
    let title = format!("永湖村委会 · {organisation}");
    browser.resize(390).await;
    browser.sign_in(Who::TownA, "/").await;
    browser.sees("待开展的检查").await;
    browser.link(&format!("{title} · 抽查")).await;
    browser.heading("填写检查").await;
    browser.sees("已检查 0 / 3 项").await;
    tap(browser, 0, "不符合").await;
    browser.fill("说明", "第一季度没有记账").await;
    tap(browser, 1, "符合").await;
    browser.choose_file("attachment-file", "ledger.jpg", &picture(ImageFormat::Jpeg)).await;
    browser.sees("ledger.jpg").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading(&title).await;
    browser.sees("1 项的结果").await;
    browser.gone("//button[normalize-space()='完成检查']").await;
    browser.link("填写检查").await;
    browser.sees("已检查 2 / 3 项").await;
    tap(browser, 2, "不适用").await;
    browser.choose("基本合格，有问题待整改").await;
    browser.fill("摘要", "账目须补记").await;
    browser.button("保存").await;
    browser.heading(&title).await;
    browser.click("//tr[contains(., '第一季度没有记账')]//a[normalize-space()='登记问题']").await;
    browser.sees("资金有台账").await;
    browser.fill("问题", "请补记第一季度台账").await;
    browser.select("严重程度", "较重").await;
    browser.select("责任方", "社会组织").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading(&title).await;
    browser.sees("待整改").await;
    browser.link("四月抽查").await;
    browser.button("完成检查").await;
    browser.button("完成检查").await;
    browser.sees("已检查").await;
    browser.is_accessible().await;
    browser.resize(1366).await;
    browser.sign_out().await;

    // The organisation mends it in the list, and cannot verify that itself.
    let who = if organisation == "晋江市慈善总会" { Who::OrganisationA } else { Who::OrganisationB };
    browser.sign_in(who, "/").await;
    browser.sees("待整改的问题").await;
    browser.menu("督查", "发现问题").await;
    browser.sees("请补记第一季度台账").await;
    browser.is_accessible().await;
    browser.button("提交整改").await;
    browser.button("提交整改").await;
    browser.sees("请填写“整改措施和结果（必填）”").await;
    browser.fill("整改措施和结果（必填）", "已补记并公示").await;
    browser.is_accessible().await;
    browser.button("提交整改").await;
    browser.sees("待复核").await;
    browser.gone("//button[contains(normalize-space(), '复核通过')]").await;
    browser.sign_out().await;

    // The bureau is not content at first.
    browser.sign_in(Who::Bureau, "/").await;
    browser.link(&format!("{title} · 较重")).await;
    browser.sees("已补记并公示").await;
    browser.button("退回整改").await;
    browser.fill("未通过的原因（必填）", "缺公示照片").await;
    browser.day("截止日期", "2020-05-20").await;
    browser.button("退回整改").await;
    browser.sees("缺公示照片").await;
    browser.sees("最初整改期限").await;
    browser.is_accessible().await;
    let found = app.bureau().get("/findings").await.is(200).items()[0].clone();
    assert_eq!((&found["due_on"], &found["reopenings"]), (&json!("2020-05-20"), &json!(1)));
    let mended = json!({ "note": "已补公示照片", "rectified_on": "2020-04-20" });
    app.as_(who).post(&format!("/findings/{}/submit", found["id"].as_str().expect("an id")), mended).await.is(200);
    browser.visit(&format!("/pairings/{}", inspection["pairing_id"].as_str().expect("an id"))).await;
    browser.tab("发现问题").await;
    browser.link("请补记第一季度台账").await;
    browser.sees("已补公示照片").await;
    browser.button("复核通过，销号").await;
    browser.button("复核通过，销号").await;
    browser.sees("已销号").await;
    browser.is_accessible().await;
    assert_eq!(app.bureau().get("/findings?state=closed").await.is(200)["total"], 1);
});
