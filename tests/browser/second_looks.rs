//! Likely duplicates are reviewed, entries pass to another clerk before a transfer, and organisations end.

use image::ImageFormat;
use serde_json::{Value, json};

use super::journey;
use super::visit::{FAMILY, NOTE, counts, is_else_quiet, offline, phone};
use crate::support::*;

const NOBODY: &str = "不是姓名或号码，继续";
const NO_DOUBLE: &str = "不是同一笔（同一户），仍然办理";

journey!(what_looks_the_same_is_shown_before_it_is_saved_and_confirmed, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let given = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    browser.sign_in(Who::VillageA, &format!("/assistance-records/new?household_id={}", family.id())).await;
    browser.holds("帮扶户", &format!("{VILLAGE_A}-0001 许**")).await;
    browser.select("类别", "慰问").await;
    browser.fill("金额（元）", "2000").await;
    browser.button("保存").await;
    browser.sees("看起来相同的记录").await;
    browser.find("//a[@target='_blank'][contains(., '2020-04-20 · 2000.00 · 晋江市慈善总会')]").await;
    browser.is_accessible().await;
    assert_eq!(counts(app).await[1], 1);
    browser.button(NO_DOUBLE).await;
    browser.heading(&format!("{VILLAGE_A}-0001 · 慰问 · ¥2,000.00")).await;
    assert_eq!(counts(app).await[1], 2);

    browser.visit(&given.path()).await;
    browser.button("确认").await;
    browser.button("确认").await;
    browser.sees("看起来相同的记录").await;
    browser.is_accessible().await;
    browser.button(NO_DOUBLE).await;
    browser.gone("//dialog").await;
    browser.sees("已确认").await;
});

journey!(a_phone_asks_about_what_looks_the_same, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.choose("慰问").await;
    browser.fill("金额（元）", "2000").await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    offline(browser, &line, false).await;
    browser.sees("其中 1 条需要更正").await;
    browser.sees("疑似重复").await;
    browser.find("//a[@target='_blank'][contains(., '2020-04-20 · 2000.00')]").await;
    browser.is_accessible().await;
    assert_eq!(counts(app).await[1], 1);
    // Without a connection as well, whoever has answered has nothing left to do.
    offline(browser, &line, true).await;
    browser.button(NO_DOUBLE).await;
    browser.until("an entry that waits", async || !browser.text().await.contains("需要更正")).await;
    browser.sees("1 条登记待上传").await;
    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await[1], 2);
    is_else_quiet(browser).await;
});

journey!(whoever_wrote_a_word_that_is_also_a_name_is_asked, async |app, browser| {
    let file = with(household(VILLAGE_A, 1), "/members/1/name", json!("王二"));
    let family = app.village_a().post("/households", file).await.is(201);
    let words = "村里王二很勤快";
    browser.sign_in(Who::VillageA, &format!("/assistance-records/new?household_id={}", family.id())).await;
    browser.holds("帮扶户", &format!("{VILLAGE_A}-0001 许**")).await;
    browser.select("类别", "慰问").await;
    browser.fill("金额（元）", "2000").await;
    browser.fill("说明", words).await;
    browser.button("保存").await;
    browser.sees("“说明”中可能写有").await;
    browser.is_accessible().await;
    browser.button("取消").await;
    browser.gone("//dialog").await;
    browser.sees("说明：可能写有家庭成员的姓名").await;
    browser.is_accessible().await;
    assert_eq!(counts(app).await[1], 0);
    browser.button("保存").await;
    browser.button(NOBODY).await;
    browser.heading(&format!("{VILLAGE_A}-0001 · 慰问 · ¥2,000.00")).await;

    // In the dialog of a step as well.
    browser.sign_out().await;
    browser.sign_in(Who::TownA, &family.path()).await;
    browser.button("登记退出").await;
    browser.select("退出原因", "迁出").await;
    browser.fill("原因（必填）", words).await;
    browser.button("登记退出").await;
    browser.sees("中可能写有").await;
    browser.button(NOBODY).await;
    browser.gone("//dialog").await;
    browser.sees("迁出").await;
    let history = app.village_a().get(&format!("{}/history", family.path())).await.is(200);
    assert_eq!(history.items().iter().filter(|entry| entry["action"] == "not_personal").count(), 2);
});

journey!(a_phone_asks_about_words_that_may_name_somebody, async |app, browser| {
    let file = with(household(VILLAGE_A, 1), "/members/1/name", json!("王二"));
    app.village_a().post("/households", file).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.fill("走访情况", "村里王二很勤快").await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    offline(browser, &line, false).await;
    browser.sees("其中 1 条需要更正").await;
    browser.sees("可能写有家庭成员的姓名").await;
    browser.is_accessible().await;
    browser.button(NOBODY).await;
    browser.none("waiting-bar").await;
    assert_eq!(counts(app).await[0], 1);
    is_else_quiet(browser).await;
});

journey!(what_was_entered_before_a_transfer_is_handed_over, async |app, browser| {
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let line = phone(app, browser, Who::VillageA).await;
    offline(browser, &line, true).await;
    browser.button(FAMILY).await;
    browser.choose("助学").await;
    browser.fill("金额（元）", "300").await;
    browser.fill("走访情况", NOTE).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.button("登记").await;
    browser.sees("1 条登记待上传").await;
    app.sql(&format!("UPDATE users SET area_code = '{VILLAGE_B}' WHERE account = 'villagea'")).await;
    app.sql("UPDATE sessions SET ended_at = created_at WHERE user_agent IS NOT NULL").await;
    offline(browser, &line, false).await;
    browser.sees("请重新登录").await;
    browser.credentials(&Who::VillageA.account(), PASSWORD).await;
    browser.sees("其中 1 条需要更正").await;
    browser.visit("/visit").await;
    browser.sees("不再负责永湖村委会").await;
    assert_eq!(counts(app).await, [0, 0, 0]);
    browser.button("打印交接单").await;
    for told in ["入户登记交接单", "许** 350582104206-0001", "¥300.00", "助学", NOTE, "移交人（签字）"] {
        browser.sees(told).await;
    }
    browser.find("//section[contains(@class, 'handover')]//img").await;
    browser.is_accessible().await;
    browser.script("window.print = () => { window.printed = true }", Value::Null).await;
    browser.button("打印").await;
    browser.until("a sheet that is printed", async || browser.script("return window.printed", Value::Null).await == true).await;
    browser.button("返回").await;
    browser.button("删除").await;
    browser.button("删除").await;
    browser.gone("//*[contains(@class, 'waiting')]").await;
    is_else_quiet(browser).await;
});

journey!(an_organisation_becomes_a_part_of_another, async |app, browser| {
    app.proposed(campaign()).await;
    browser.sign_in(Who::Bureau, &app.organisation_a_path()).await;
    browser.button("并入其他组织").await;
    browser.sees("其账号立即停用").await;
    browser.fill("原因（必填）", "经批准合并").await;
    browser.button("并入其他组织").await;
    browser.sees("请选择").await;
    browser.pick("并入的组织", "龙湖").await;
    browser.is_accessible().await;
    browser.button("并入其他组织").await;
    browser.gone("//dialog").await;
    browser.sees("已并入其他组织").await;
    browser.sees("该社会组织已不再存续").await;
    browser.is_accessible().await;
    browser.link("龙湖镇商会").await;
    browser.heading("龙湖镇商会").await;
    let pairings = app.bureau().get("/pairings").await.is(200);
    assert_eq!(pairings.items()[0]["state"], json!("withdrawn"));
    // It can no longer be picked.
    browser.visit("/enrolments/new").await;
    browser.pick("社会组织名称", "会").await;
    browser.holds("社会组织名称", "龙湖镇商会").await;
});
