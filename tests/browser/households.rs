//! A family's file: entered, found again, read for a minute, changed; and nothing of it left behind in the browser.

use serde_json::Value;

use super::harness::Browser;
use super::journey;
use crate::support::*;

const SECRETS: &[&str] = &["许清水", "许小荷", "13805950137", "6217001850012345678", "新厝12号"];

/// What is on the page does not tell who they are.
async fn is_masked(browser: &Browser) {
    let text = browser.text().await;
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is on the page: {text}");
    }
}

journey!(a_file_is_out_of_sight_after_a_minute, async |app, browser| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    browser.sign_in(Who::Bureau, &made.path()).await;
    browser.button("查阅完整信息").await;
    browser.select("用途", "核查核验").await;
    // The minute passes in an instant.
    browser
        .script("const real = window.setInterval; window.setInterval = (run, time) => real(run, time / 50)", Value::Null)
        .await;
    browser.button("查阅完整信息").await;
    browser.sees("许清水").await;
    browser.gone("//dialog").await;
    is_masked(browser).await;
    // The bureau reads files and keeps none.
    browser.gone("//a[normalize-space()='编辑']").await;
    browser.visit(&format!("{}/edit", made.path())).await;
    browser.heading("未找到该页面").await;
    browser.button("退出").await;
    app.active(campaign(), "2020-04-18").await;
    browser.sign_in(Who::OrganisationA, &made.path()).await;
    browser.heading(&format!("许** {VILLAGE_A}-0001")).await;
    for hidden in ["//button[normalize-space()='查阅完整信息']", "//*[@role='tab'][normalize-space()='历史记录']"] {
        browser.gone(hidden).await;
    }
    is_masked(browser).await;
    browser.button("退出").await;
    browser.sign_in(Who::Auditor, "/").await;
    browser.gone("//nav//a[normalize-space()='帮扶户']").await;
});
