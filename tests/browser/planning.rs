//! A project is planned in a grid, and the pair's year shows it.

use serde_json::{Value, json};

use super::journey;
use crate::support::*;

/// The number of sheets of A4 on which the page prints.
async fn sheets(browser: &super::harness::Browser) -> usize {
    let printed = browser.cdp("Page.printToPDF", json!({ "preferCSSPageSize": true, "printBackground": true })).await;
    let pdf = base64(printed["data"].as_str().expect("a document"));
    let text = String::from_utf8_lossy(&pdf);
    text.matches("/Type /Page").count() - text.matches("/Type /Pages").count()
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for value in text.bytes().filter_map(|byte| ALPHABET.iter().position(|one| *one == byte)) {
        bits = (bits << 6) | u32::try_from(value).expect("a digit");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("a byte"));
        }
    }
    bytes
}

/// Clicks that reach the page, counted from the last call on.
const COUNT: &str =
    "window.clicks = 0; window.counting ??= addEventListener('click', e => { if (e.isTrusted) window.clicks++ }, true) ?? true";

journey!(six_tasks_are_planned_in_a_grid_and_read_in_the_year, async |app, browser| {
    let project = app.project(campaign()).await;
    browser.sign_in(Who::OrganisationA, &project.path()).await;
    browser.tab("任务分解").await;
    browser.script(COUNT, Value::Null).await;
    browser.link("按月编排").await;
    browser.heading("编排任务").await;
    browser.button("每月一项").await;
    // From May to November there are seven months, of which one is not needed.
    browser.button("删除第 7 行").await;
    let titles = ["选址", "立项公示", "采购设备", "安装调试", "试运行", "验收"];
    for (number, title) in (1..).zip(titles) {
        browser.fill(&format!("第 {number} 行 标题"), title).await;
    }
    browser.is_accessible().await;
    // A wrong cell is named, and nothing is lost.
    browser.fill("第 2 行 标题", " ").await;
    browser.button("保存").await;
    browser.sees("必填").await;
    browser.is_accessible().await;
    browser.fill("第 2 行 标题", titles[1]).await;
    browser.button("保存").await;
    browser.heading("龙眼深加工 · 任务分解").await;
    let clicks = browser.script("return window.clicks", Value::Null).await;
    assert!(clicks.as_u64().is_some_and(|clicks| clicks <= 10), "{clicks} clicks");
    let plan = app.organisation_a().get(&format!("{}/plan", project.path())).await.is(200);
    let told: Vec<_> = plan["tasks"].as_array().expect("tasks").iter().map(|task| (&task["title"], &task["month"])).collect();
    assert_eq!((told.len(), told[0], told[5]), (6, (&json!("选址"), &json!("2020-05")), (&json!("验收"), &json!("2020-10"))));

    // One is moved by a click, and its last day with it.
    browser.link("按月编排").await;
    browser
        .script(
            "document.querySelectorAll('.plan-grid tbody tr')[5].querySelectorAll('input[type=radio]')[6].click()",
            Value::Null,
        )
        .await;
    browser.button("保存").await;
    browser.heading("龙眼深加工 · 任务分解").await;
    let plan = app.organisation_a().get(&format!("{}/plan", project.path())).await.is(200);
    assert_eq!((&plan["tasks"][5]["month"], &plan["tasks"][5]["due_on"]), (&json!("2020-11"), &json!("2020-11-30")));

    // The year: two clicks from the list, on one page and on one sheet.
    browser.menu("结对", "结对一览").await;
    browser.script(COUNT, Value::Null).await;
    browser.link("永湖村委会").await;
    browser.heading("永湖村委会 · 晋江市慈善总会").await;
    browser.sees("这一年").await;
    for title in titles {
        browser.sees(title).await;
    }
    browser.sees("商定项目方案").await;
    assert!(browser.script("return window.clicks", Value::Null).await.as_u64().is_some_and(|clicks| clicks <= 2));
    browser.is_accessible().await;
    assert_eq!(sheets(browser).await, 1);
    browser.resize(390).await;
    browser.is_accessible().await;
    browser.resize(1366).await;
    // The next step is taken where it stands; then it is the other side's turn.
    browser.button("同意方案").await;
    browser.button("同意方案").await;
    browser.sees("由村（社区）办理").await;
    browser.link("任务书、时间表").await;
    browser.heading("永湖村委会 · 晋江市慈善总会 任务书、时间表").await;
    browser.sees("2020年第二季度").await;
    browser.is_accessible().await;
    assert_eq!(sheets(browser).await, 1);
});
