//! Use of the app without a mouse.

use serde_json::Value;
use thirtyfour::prelude::Key;

use super::journey;
use crate::support::*;

journey!(all_can_be_done_by_keyboard, async |app, browser| {
    let pairing = app.proposed(campaign()).await;
    browser.visit("/").await;
    // The focus starts in the first field.
    browser.until("the cursor", async || browser.focused().await == "账号").await;
    browser.keys("towna").await;
    browser.keys(Key::Tab).await;
    browser.keys(PASSWORD).await;
    browser.keys(Key::Enter).await;
    browser.heading("TownA，您好").await;

    // The first stop on a page skips header and navigation.
    browser.visit("/pairings").await;
    browser.keys(Key::Tab).await;
    assert_eq!(browser.focused().await, "跳到正文");
    browser.keys(Key::Enter).await;
    browser.tab_to("搜索").await;
    browser.tab_to("永湖村委会").await;
    browser.keys(Key::Enter).await;
    browser.arrives(&pairing.path()).await;

    // A dialog traps the focus, and returns it afterwards.
    browser.tab_to("谢绝").await;
    browser.keys(Key::Enter).await;
    let inside = async || browser.script("return !!document.activeElement.closest('dialog')", Value::Null).await == true;
    browser.until("the dialog", inside).await;
    for _ in 0..8 {
        browser.keys(Key::Tab).await;
        let outside = browser
            .script("return !document.activeElement.closest('dialog') && document.activeElement !== document.body", Value::Null);
        assert_eq!(outside.await, false, "the focus leaves the dialog for {}", browser.focused().await);
    }
    browser.keys(Key::Escape).await;
    browser.gone("//dialog").await;
    browser.until("the focus to come back", async || browser.focused().await == "谢绝").await;

    // On a narrow screen a button opens the navigation.
    browser.resize(360).await;
    browser.visit("/").await;
    browser.gone("//nav//button[normalize-space()='基础资料']").await;
    browser.tab_to("菜单").await;
    browser.keys(Key::Enter).await;
    browser.tab_to("基础资料").await;
    browser.keys(Key::Enter).await;
    browser.tab_to("村（社区）").await;
    browser.keys(Key::Enter).await;
    browser.arrives("/villages").await;
    let id = async || browser.script("return document.activeElement.id", Value::Null).await;
    assert_eq!(id().await, "main", "a new page is read from its beginning");
    browser.gone("//nav//button[normalize-space()='基础资料']").await;

    // A form with a picker.
    browser.visit("/pairings/new").await;
    browser.tab_to("活动").await;
    browser.keys("百").await;
    browser.find("//*[@role='option']").await;
    browser.keys(Key::Down).await;
    browser.keys(Key::Enter).await;
    browser.holds("活动", "2020年“百社解千难”活动").await;
    browser.tab_to("保存").await;
    browser.keys(Key::Enter).await;
    browser.sees("请修正以下 2 处").await;
    browser.is_accessible().await;
    browser.until("the summary to have the focus", async || id().await == "form-summary").await;
    // Links in the error summary lead to the fields.
    browser.keys(Key::Tab).await;
    browser.keys(Key::Enter).await;
    assert_eq!(browser.focused().await, "村（社区）");
    let marked = browser.script("return document.activeElement.getAttribute('aria-invalid')", Value::Null).await;
    assert_eq!(marked, "true");
});
