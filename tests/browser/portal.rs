//! The bureau publishes the figures of a month by clicking, and anybody reads them without scripts.

use serde_json::{Value, json};

use super::journey;
use crate::api::publications::helped_in_april;
use crate::support::*;

journey!(figures_are_published_by_clicking_and_read_without_scripts, async |app, browser| {
    helped_in_april(app).await;
    browser.sign_in(Who::Bureau, "/").await;
    browser.menu("典型宣传", "公开数据").await;
    browser.link("公布数据").await;
    // What is held back says why, to those who publish alone.
    browser.sees("2 · 不足5，不公布").await;
    browser.sees("6 · 可据以推算未公布数，不公布").await;
    browser.is_accessible().await;
    browser.button("公布").await;
    browser.button("公布").await;
    browser.heading("晋江市 · 2020年4月").await;
    browser.sees("已公布").await;
    assert!(!browser.text().await.contains("2 · "), "it is held back here too");
    browser.is_accessible().await;
    browser.find("//a[@target='_blank'][normalize-space()='公众页面']").await;
    browser.sign_out().await;

    // Anybody, without an account and without scripts.
    let origin = browser.script("return location.origin", Value::Null).await;
    let scripts = |disabled: bool| browser.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": disabled }));
    scripts(true).await;
    browser.cdp("Page.navigate", json!({ "url": format!("{}/public", origin.as_str().expect("an origin")) })).await;
    scripts(false).await;
    browser.heading("百社解千难").await;
    assert_eq!(browser.script("return document.scripts.length", Value::Null).await, 0);
    browser.sees("受帮扶户（户次）").await;
    browser.link("分镇（街道）数据和图表").await;
    browser.heading("晋江市 · 截至2020年4月").await;
    for width in [390, 1366] {
        browser.resize(width).await;
        browser.visit(&browser.path().await).await;
        browser.is_accessible().await;
        let wide =
            browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth", Value::Null);
        assert_eq!(wide.await, 0, "scrolls sideways at {width} px");
    }
    browser.link("English").await;
    browser.sees("is held back").await;
});
