//! What becomes of a family, by clicking: it moves, members found a household of their own, one joins another, and one leaves.

use serde_json::{Value, json};

use super::harness::Browser;
use super::journey;
use crate::support::*;

/// The page has no barrier and does not scroll sideways, on a desk and in the hand.
async fn fits(browser: &Browser) {
    for width in [1366, 390] {
        browser.resize(width).await;
        browser.is_accessible().await;
        const SIDEWAYS: &str = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
        // It is less than nothing where the page keeps room for a scroll bar.
        let sideways = browser.script(SIDEWAYS, Value::Null).await.as_i64().expect("pixels");
        assert!(sideways <= 0, "{} at {width}: {sideways}", browser.path().await);
    }
}

/// Ticks the box in the row of a table, and says what the person is to the head.
async fn row(browser: &Browser, row: usize, ticked: bool, relation: &str) {
    const SCRIPT: &str = "const [row, ticked, relation] = arguments[0];
        const cells = document.querySelectorAll('form table tbody tr')[row];
        if (!cells) return false;
        const box = cells.querySelector('input[type=checkbox]');
        if (box && box.checked !== ticked) box.click();
        const list = cells.querySelector('select');
        list.value = relation;
        list.dispatchEvent(new Event('change', { bubbles: true }));
        return true";
    browser.settled().await;
    let set = async || browser.script(SCRIPT, json!([row, ticked, relation])).await == true;
    browser.until("a member in the table", set).await;
}

journey!(a_family_moves_and_its_pairing_is_asked_about, async |app, browser| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    browser.sign_in(Who::TownA, &family.path()).await;
    browser.heading(&format!("许** {VILLAGE_A}-0001")).await;
    browser.link("迁往他村").await;
    browser.heading(&format!("迁往他村：{VILLAGE_A}-0001")).await;
    fits(browser).await;
    browser.pick("村（社区）", "龙下").await;
    browser.fill("迁移原因和依据", "许清水随子女迁居").await;
    browser.choose("晋江市慈善总会").await;
    browser.button("迁往他村").await;
    browser.sees("不得写入家庭成员的姓名").await;
    browser.fill("迁移原因和依据", "随子女迁居，两村已核实").await;
    browser.button("迁往他村").await;
    // The organisation does not stand by the other village.
    browser.sees("没有进行中的结对，不能随迁").await;
    fits(browser).await;
    browser.choose("晋江市慈善总会").await;
    browser.button("迁往他村").await;
    browser.heading("许** 350582104205-0001").await;
    browser.sees("迁来之前的档案").await;
    fits(browser).await;
    browser.link(&format!("{VILLAGE_A}-0001")).await;
    browser.sees("该户已迁往他村，档案为").await;
    fits(browser).await;
    let ended = app.village_a().get(&pairing.path()).await.is(200);
    assert_eq!(ended["state"], "terminated");
});

journey!(members_leave_for_a_household_of_their_own_and_come_back, async |app, browser| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    // The village has a file of somebody who is called like the daughter.
    let namesake = with(household(VILLAGE_A, 3), "/members/0/name", json!("许小荷"));
    let namesake = with(namesake, "/members/0/identity_number", Value::Null);
    app.village_a().post("/households", namesake).await.is(201);
    browser.sign_in(Who::TownA, &family.path()).await;
    browser.link("分户").await;
    browser.heading(&format!("分户：{VILLAGE_A}-0001")).await;
    fits(browser).await;
    browser.fill("分户原因和依据", "长女成家，已另立户口").await;
    row(browser, 1, true, "child").await;
    browser.button("分户").await;
    browser.sees("须有一名户主").await;
    row(browser, 1, true, "head").await;
    browser.fill("地址", "新厝15号").await;
    browser.button("分户").await;
    browser.sees("系统中已有看起来相同的记录").await;
    browser.sees(&format!("{VILLAGE_A}-0002")).await;
    fits(browser).await;
    browser.button("不是同一笔（同一户），仍然办理").await;
    browser.heading(&format!("许** {VILLAGE_A}-0003")).await;
    browser.sees("分户前的档案").await;
    browser.sees("未知情同意").await;
    fits(browser).await;
    browser.link(&format!("{VILLAGE_A}-0001")).await;
    browser.sees("由本户分出的档案").await;

    // Together again: the first household joins the second.
    browser.link("并入他户").await;
    browser.heading(&format!("并入他户：{VILLAGE_A}-0001")).await;
    browser.fill("另一份档案", &format!("{VILLAGE_A}-0003")).await;
    browser.button("查找").await;
    browser.fill("并户原因和依据", "随长女生活").await;
    row(browser, 1, true, "parent").await;
    fits(browser).await;
    browser.button("并入他户").await;
    browser.heading(&format!("许** {VILLAGE_A}-0003")).await;
    browser.sees("并入本户的档案").await;
    browser.tab("家庭成员").await;
    browser.sees("父母").await;
    browser.visit(&family.path()).await;
    browser.sees("该户已并入他户，档案为").await;
    browser.sees("并户").await;
    fits(browser).await;
});

journey!(a_family_leaves_for_a_reason, async |app, browser| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    browser.sign_in(Who::TownA, &family.path()).await;
    browser.button("登记退出").await;
    fits(browser).await;
    browser.fill("原因（必填）", "户口已注销").await;
    browser.button("登记退出").await;
    browser.sees("请选择").await;
    browser.select("退出原因", "去世").await;
    browser.button("登记退出").await;
    browser.gone("//dialog").await;
    browser.sees("去世").await;
    fits(browser).await;
    let left = app.village_a().get(&family.path()).await.is(200);
    assert_eq!((&left["status"], &left["leave_reason"]), (&json!("left"), &json!("died")));
});
