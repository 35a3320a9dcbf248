//! Inspections filled in where there is no connection: each is sent once, with its photos, and nothing is lost.

use image::ImageFormat;
use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use super::line::{Connection, Line};
use super::visit::{KEPT, is_else_quiet, offline};
use crate::api::inspections::planned;
use crate::support::*;

const TITLE: &str = "永湖村委会 · 晋江市慈善总会";
const REMARK: &str = "第一季度没有记账";

/// A phone of the town with its own line, and the planned inspections on it.
async fn phone(app: &TestApp, browser: &Browser) -> Connection {
    const KEEPS: &str = "const done = arguments[arguments.length - 1];
        navigator.serviceWorker.ready.then(async () => done((await caches.keys()).length === 1 && !!document.querySelector('.offer')))";
    let line = Connection::to(&app.origin()).await;
    browser.goes_by(&line.origin);
    browser.resize(390).await;
    browser.sign_in(Who::TownA, "/on-site").await;
    browser.heading("现场检查").await;
    browser.until("a device that can be taken along", async || browser.script_later(KEEPS).await == true).await;
    line
}

async fn choose(browser: &Browser) {
    browser.click(&format!("//button[contains(@class, 'offer')][contains(., '{TITLE}')]")).await;
    browser.sees("已检查 0 / ").await;
}

/// Fills in the sheet: the first item is not met, all others are.
async fn fill(browser: &Browser, items: usize) {
    for item in 0..items {
        let result = if item == 0 { "不符合" } else { "符合" };
        browser.click(&format!("//section[@aria-labelledby='item-{item}']//label[normalize-space()='{result}']")).await;
        browser.fill("说明", if item == 0 { REMARK } else { "已查看台账" }).await;
    }
    browser.choose("基本合格，有问题待整改").await;
}

/// How many items the round looks at.
fn items(inspection: &Answer) -> usize {
    inspection["items"].as_array().expect("items").len()
}

journey!(an_inspection_is_filled_in_without_a_connection_and_sent_once, async |app, browser| {
    let inspection = planned(app).await;
    let line = phone(app, browser).await;
    browser.is_accessible().await;
    offline(browser, &line, true).await;
    choose(browser).await;
    browser.button("完成检查").await;
    browser.sees("必填").await;
    fill(browser, items(&inspection)).await;
    browser.photograph(&picture(ImageFormat::Jpeg)).await;
    browser.is_accessible().await;
    browser.sees("已暂存在本机").await;

    // The browser ends the page; what was written waits on the device, sealed.
    browser.visit("/on-site").await;
    browser.sees("已暂存").await;
    let kept = browser.script_later(KEPT).await.to_string();
    for secret in [REMARK, "慈善总会", "not_met", "JFIF"] {
        assert!(!kept.contains(secret), "{secret} is kept in plain");
    }
    browser.click(&format!("//button[contains(@class, 'offer')][contains(., '{TITLE}')]")).await;
    browser.find("//img").await;
    browser.button("完成检查").await;
    browser.sees("1 条登记待上传").await;
    browser.is_accessible().await;
    assert_eq!(app.bureau().get(&inspection.path()).await.is(200)["state"], "planned");

    offline(browser, &line, false).await;
    browser.none("waiting-bar").await;
    let held = app.bureau().get(&inspection.path()).await.is(200);
    assert_eq!((&held["state"], &held["conclusion"]), (&json!("held"), &json!("passed_with_findings")));
    assert_eq!((&held["results"][0]["result"], &held["results"][0]["remark"]), (&json!("not_met"), &json!(REMARK)));
    let files = format!("/attachments?object_type=inspections&object_id={}", inspection.id());
    assert_eq!(app.bureau().get(&files).await.is(200).items().len(), 1);
    is_else_quiet(browser).await;
});

journey!(an_answer_that_is_lost_completes_an_inspection_once, async |app, browser| {
    let inspection = planned(app).await;
    let line = phone(app, browser).await;
    // All of it arrives, but not the answer.
    line.is(Line::Deaf);
    choose(browser).await;
    fill(browser, items(&inspection)).await;
    browser.button("完成检查").await;
    let written = async || app.bureau().get(&inspection.path()).await.is(200)["results"][0]["remark"] == REMARK;
    browser.until("results that have come", written).await;
    browser.sees("等待答复").await;
    // Days later, when the service has deleted all keys.
    app.clock.set(instant(NOW) + chrono::TimeDelta::days(3));
    line.is(Line::Up);
    browser.script("window.dispatchEvent(new Event('online'))", Value::Null).await;
    browser.none("waiting-bar").await;
    assert_eq!(app.bureau().get(&inspection.path()).await.is(200)["state"], "held");
    is_else_quiet(browser).await;
});

journey!(an_inspection_that_somebody_else_has_changed_is_not_overwritten, async |app, browser| {
    let inspection = planned(app).await;
    let line = phone(app, browser).await;
    offline(browser, &line, true).await;
    choose(browser).await;
    fill(browser, items(&inspection)).await;
    browser.button("完成检查").await;
    browser.sees("1 条登记待上传").await;
    let now = app.bureau().get(&inspection.path()).await.is(200);
    app.bureau().patch(&inspection.path(), json!({ "summary": "市局已看过台账" })).if_match(&now.etag()).await.is(200);
    offline(browser, &line, false).await;
    browser.sees("其中 1 条需要更正").await;
    let now = app.bureau().get(&inspection.path()).await.is(200);
    assert_eq!((&now["summary"], &now["state"]), (&json!("市局已看过台账"), &json!("planned")));
    // Whoever has seen that sends it again, on what there is now.
    browser.button("更正").await;
    browser.find("//form//a[normalize-space()='详情']").await;
    browser.fill("摘要", "与市局共同查看").await;
    browser.button("完成检查").await;
    browser.none("waiting-bar").await;
    let held = app.bureau().get(&inspection.path()).await.is(200);
    assert_eq!((&held["summary"], &held["state"]), (&json!("与市局共同查看"), &json!("held")));
    is_else_quiet(browser).await;
});
