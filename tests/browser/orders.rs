//! What is behind is put in writing, received, answered and closed; and the kick-off meeting is held, by clicking.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(an_order_is_drafted_issued_received_answered_and_closed_by_clicking, async |app, browser| {
    app.active(campaign(), "2020-03-01").await;
    browser.sign_in(Who::Bureau, "/").await;
    browser.menu("督查", "督办单").await;
    browser.link("起草督办单").await;
    browser.pick("镇（街道）或村（社区）", "东石镇").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("东石镇社会事务办").await;
    browser.sees("永湖村委会 · 晋江市慈善总会").await;
    browser.sees("黄色（进度滞后）").await;
    browser.sees("草拟").await;
    browser.is_accessible().await;
    browser.button("下发").await;
    browser.button("下发").await;
    browser.sees("晋政民督〔2020〕1号").await;
    browser.sign_out().await;

    browser.sign_in(Who::TownA, "/").await;
    browser.sees("待签收的督办单").await;
    browser.link("晋江市民政局").await;
    browser.heading("东石镇社会事务办").await;
    browser.button("签收").await;
    browser.button("签收").await;
    browser.sees("已签收").await;
    browser.button("答复整改情况").await;
    browser.button("答复整改情况").await;
    browser.sees("请填写").await;
    browser.is_accessible().await;
    browser.fill("整改情况（必填）", "已商定龙眼加工项目，本周提交方案").await;
    browser.button("答复整改情况").await;
    browser.sees("已答复").await;
    // Whoever was told to mend something does not close it.
    browser.gone("//button[normalize-space()='销号']").await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, "/").await;
    browser.sees("待销号的督办单").await;
    browser.link("东石镇社会事务办").await;
    browser.sees("已商定龙眼加工项目，本周提交方案").await;
    browser.button("销号").await;
    browser.button("销号").await;
    browser.sees("晋政民督销〔2020〕1号").await;
    browser.is_accessible().await;
    // It is printed without what surrounds it, and saved as a document.
    browser.link("打印和公文").await;
    browser.sees("整改期限：2020年4月27日。").await;
    browser.is_accessible().await;
    let media = |media: &str| json!({ "media": media });
    browser.cdp("Emulation.setEmulatedMedia", media("print")).await;
    let printed = browser.text().await;
    assert!(printed.contains("整改期限") && !printed.contains("导出公文"), "{printed}");
    browser.cdp("Emulation.setEmulatedMedia", media("")).await;
    browser.button("导出公文（.docx）").await;
    let (name, bytes) = browser.downloaded("docx").await;
    assert!(name.contains("督") && bytes.starts_with(b"PK"), "{name}");
});

journey!(the_kick_off_is_planned_for_everybody_and_held_by_clicking, async |app, browser| {
    app.enrolled(with(campaign(), "/milestones/2/done_on", serde_json::Value::Null)).await;
    browser.sign_in(Who::Bureau, "/").await;
    browser.menu("督查", "会议").await;
    browser.link("安排会议").await;
    browser.select("类别", "动员部署会").await;
    browser.fill("标题", "动员部署会议").await;
    browser.fill("地点", "市民政局二楼会议室").await;
    browser.fill("主持人", "吴丽婷").await;
    browser.button("加入全部镇（街道）和参加活动的单位").await;
    browser.sees("永湖村委会").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("动员部署会议").await;
    browser.sees("晋江市慈善总会").await;
    browser.is_accessible().await;
    browser.button("确认已召开").await;
    browser.button("确认已召开").await;
    browser.sees("已召开").await;
    browser.sign_out().await;

    // Whoever takes part sees it, and the milestone is met.
    browser.sign_in(Who::OrganisationA, "/").await;
    browser.menu("督查", "会议").await;
    browser.link("动员部署会议").await;
    browser.sees("市民政局二楼会议室").await;
    let campaign = app.bureau().get("/campaigns").await.is(200).items()[0]["id"].as_str().expect("an id").to_owned();
    let campaign = app.bureau().get(&format!("/campaigns/{campaign}")).await.is(200);
    let states = campaign["milestone_states"].as_array().expect("states");
    assert_eq!(states.iter().find(|state| state["kind"] == "kick_off").expect("the milestone")["status"], "met");
});
