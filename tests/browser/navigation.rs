//! The menu: its groups follow the year's work and can be unfolded.

use serde_json::{Value, json};
use thirtyfour::components::escape_string;
use thirtyfour::prelude::Key;

use super::harness::Browser;
use super::journey;
use crate::api::catalogue::{need, publish};
use crate::support::*;

impl Browser {
    /// Follows an entry of the menu, after unfolding its group if necessary.
    pub async fn menu(&self, line: &str, entry: &str) {
        let button = self.find(&line_of(line)).await;
        if button.attr("aria-expanded").await.expect("a line").as_deref() == Some("false") {
            self.button(line).await;
        }
        self.link(entry).await;
    }

    /// The groups of the menu, without their entries.
    async fn lines(&self) -> Value {
        self.find("//nav[@id='nav']").await;
        self.script(
            "return [...document.querySelectorAll('#nav > ul > li')].map(line => line.querySelector('.name').innerText)",
            json!(0),
        )
        .await
    }

    /// Waits until a group is unfolded or folded, and its entries are visible or hidden.
    async fn is_unfolded(&self, line: &str, entry: &str, unfolded: bool) {
        self.find(&format!("{}[@aria-expanded='{unfolded}']", line_of(line))).await;
        let entry = format!("//nav[@id='nav']//a[normalize-space()={}]", escape_string(entry));
        if unfolded {
            self.find(&entry).await;
        } else {
            self.gone(&entry).await;
        }
    }

    /// The number of waiting items that the focused element announces.
    async fn said_of_focus(&self) -> String {
        const SCRIPT: &str = "const id = document.activeElement.getAttribute('aria-describedby');
            return id ? document.getElementById(id).textContent : ''";
        self.script(SCRIPT, json!(0)).await.as_str().expect("a text").to_owned()
    }

    /// The breadcrumbs above the heading.
    async fn way(&self) -> Value {
        self.script("return [...document.querySelectorAll('.breadcrumbs li')].map(step => step.innerText)", json!(0)).await
    }
}

fn line_of(name: &str) -> String {
    format!("//nav[@id='nav']//button[normalize-space()={}]", escape_string(name))
}

journey!(the_menu_unfolds_and_says_what_waits, async |app, browser| {
    let pairing = app.proposed(campaign()).await;
    // Nothing else waits for the village: it has said what it needs.
    publish(app, Who::VillageA, need(pairing["campaign_id"].as_str().expect("an id"))).await;
    browser.sign_in(Who::VillageA, "/").await;
    browser.heading("VillageA，您好").await;
    browser.is_unfolded("结对", "结对一览", false).await;
    browser.is_unfolded("项目", "任务", false).await;

    // The group announces the number of waiting items; once unfolded, the entry does.
    browser.tab_to("结对").await;
    assert_eq!(browser.said_of_focus().await, "1 项待办");
    browser.keys(Key::Enter).await;
    browser.is_unfolded("结对", "结对一览", true).await;
    assert_eq!((browser.focused().await.as_str(), browser.said_of_focus().await.as_str()), ("结对", ""));
    browser.keys(Key::Tab).await;
    assert_eq!((browser.focused().await.as_str(), browser.said_of_focus().await.as_str()), ("结对一览", "1 项待办"));
    browser.tab_to("项目").await;
    browser.keys(" ").await;
    browser.is_unfolded("项目", "任务", true).await;
    browser.is_accessible().await;

    // The browser remembers what was unfolded.
    browser.visit("/").await;
    browser.is_unfolded("项目", "任务", true).await;
    browser.button("项目").await;
    browser.button("结对").await;
    browser.visit("/").await;
    browser.is_unfolded("项目", "任务", false).await;

    // The group of the current page is unfolded, and can still be folded.
    browser.visit("/tasks").await;
    browser.is_unfolded("项目", "任务", true).await;
    browser.find("//nav[@id='nav']//a[@aria-current='page'][normalize-space()='任务']").await;
    browser.button("项目").await;
    browser.is_unfolded("项目", "任务", false).await;
    browser.find("//nav[@id='nav']//button[@aria-current='true'][normalize-space()='项目']").await;

    // A page below an entry has breadcrumbs.
    browser.link("工作台").await;
    browser.find("//nav[@id='nav']//*[contains(@class, 'waits')]").await;
    browser.menu("结对", "结对一览").await;
    assert_eq!(browser.way().await, json!([]));
    browser.link("永湖村委会").await;
    browser.arrives(&pairing.path()).await;
    browser.heading("永湖村委会 · 晋江市慈善总会").await;
    assert_eq!(browser.way().await, json!(["结对", "结对一览"]));
    assert_eq!(browser.driver.title().await.expect("a title"), "永湖村委会 · 晋江市慈善总会 · 结对一览 · 百社");

    // Finished items no longer count as waiting.
    browser.button("同意结对").await;
    browser.button("同意结对").await;
    browser.sees("双方同意").await;
    browser.none("waits").await;
});

journey!(each_person_has_the_lines_of_their_work, async |_app, browser| {
    const LINES: [(Who, &[&str]); 6] = [
        (Who::Bureau, &["工作台", "数据看板", "结对", "机构挂钩", "项目", "帮扶户", "报表", "督查", "典型宣传", "基础资料"]),
        (Who::OrganisationA, &["工作台", "数据看板", "结对", "项目", "帮扶户", "督查", "典型宣传", "基础资料"]),
        // A group with a single entry is that entry.
        (
            Who::Auditor,
            &["工作台", "数据看板", "结对", "机构挂钩", "项目", "帮扶记录", "报表", "督查", "典型宣传", "基础资料", "系统"],
        ),
        (Who::Institution, &["工作台", "机构挂钩", "典型宣传", "基础资料"]),
        (Who::Cadre, &["工作台", "结对一览", "机构挂钩", "典型宣传", "基础资料"]),
        (Who::SecurityAdmin, &["工作台", "典型宣传", "基础资料", "系统"]),
    ];
    for (who, lines) in LINES {
        browser.sign_in(who, "/").await;
        assert_eq!(browser.lines().await, json!(lines), "{who:?}");
        browser.sign_out().await;
    }

    // On a phone, in the other language.
    browser.sign_in(Who::Bureau, "/").await;
    browser.button("English").await;
    browser.resize(390).await;
    browser.button("Menu").await;
    browser.button("Reference data").await;
    browser.is_unfolded("Reference data", "Villages", true).await;
    browser.is_accessible().await;
    browser.link("Villages").await;
    browser.arrives("/villages").await;
    browser.gone(&line_of("Reference data")).await;
});
