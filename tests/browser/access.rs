//! Ways in: links from outside, pages that do not exist or are not for everybody, and the language.

use serde_json::Value;

use super::journey;
use crate::support::*;

journey!(a_link_from_outside_leads_there_after_signing_in, async |app, browser| {
    let pairing = app.proposed(campaign()).await;
    let path = format!("{}?tab=history", pairing.path());
    browser.visit(&path).await;
    browser.heading("百社").await;
    // The page reports a wrong password, and keeps the account that was typed.
    browser.try_credentials("towna", "not-the-password").await;
    browser.sees("账号或密码不正确").await;
    browser.holds("账号", "towna").await;
    browser.credentials("towna", PASSWORD).await;
    browser.heading("永湖村委会 · 晋江市慈善总会").await;
    assert_eq!(browser.path().await, path);
    browser.sign_out().await;
    browser.heading("百社").await;
    // No page has this address, and people type it.
    browser.sign_in(Who::TownA, "/login").await;
    browser.heading("TownA，您好").await;
});

journey!(the_tab_that_an_address_opens_is_in_sight_on_a_phone, async |app, browser| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    browser.resize(360).await;
    browser.sign_in(Who::VillageA, &format!("{}?tab=history", family.path())).await;
    const IN_SIGHT: &str = "const tab = document.querySelector('[role=tab][aria-selected=true]');
        if (!tab) return false;
        const [own, strip] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
        return own.left > strip.left - 1 && own.right < strip.right + 1 && scrollY === 0";
    browser.until("the open tab in sight", async || browser.script(IN_SIGHT, Value::Null).await == true).await;
});

journey!(what_is_not_there_or_not_ones_own_is_not_found, async |app, browser| {
    let progress = app.progress(campaign()).await;
    browser.sign_in(Who::TownB, &progress.path()).await;
    browser.heading("未找到该页面").await;
    // Forms that the caller may not fill in do not open either.
    for path in ["/campaigns/new", "/nowhere", "/reports/nowhere/at/all"] {
        browser.visit(path).await;
        browser.heading("未找到该页面").await;
    }
    browser.link("回到工作台").await;
    browser.heading("TownB，您好").await;
    // Town offices send forms; organisations do not see them.
    browser.menu("报表", "月报统计表").await;
    browser.sign_out().await;
    browser.sign_in(Who::OrganisationB, "/").await;
    browser.find("//nav//button[normalize-space()='项目']").await;
    browser.gone("//nav//button[normalize-space()='报表']").await;
    browser.visit("/reports").await;
    browser.sees("没有权限").await;
});

journey!(the_language_is_switched_and_kept, async |_app, browser| {
    let language = async || browser.script("return document.documentElement.lang", Value::Null).await;
    browser.sign_in(Who::TownA, "/pairings").await;
    browser.heading("结对").await;
    assert_eq!(language().await, "zh-CN");
    browser.button("English").await;
    browser.heading("Pairings").await;
    assert_eq!(browser.driver.title().await.expect("a title"), "Pairings · Baishe");
    browser.visit("/areas").await;
    assert_eq!(language().await, "en");
    browser.button("中文").await;
    browser.heading("行政区划").await;
    assert_eq!(language().await, "zh-CN");
});

journey!(
    a_second_factor_comes_before_everything_else,
    with | config | {
        config.require_second_factor = true;
    },
    async |app, browser| {
        browser.sign_in(Who::Bureau, "/pairings").await;
        browser.heading("请设置两步验证").await;
        browser.fill("当前密码", PASSWORD).await;
        browser.button("设置两步验证").await;
        browser.is_accessible().await;
        browser.fill("验证码", "000000").await;
        browser.button("启用").await;
        browser.sees("不正确或已用过").await;
        let key = browser.find("//code[contains(@class, 'secret')]").await.text().await.expect("the key");
        let code = Authenticator::of(&key).code(app, 0);
        browser.fill("验证码", &code).await;
        browser.button("启用").await;
        // Signing in leads to the page that was asked for.
        browser.heading("结对").await;
        browser.sign_out().await;

        app.clock.set(app.clock.now() + chrono::TimeDelta::seconds(60));
        browser.try_credentials("bureau", PASSWORD).await;
        browser.sees("打开手机上的身份验证器应用").await;
        browser.fill("验证码", &code).await;
        browser.button("登录").await;
        browser.sees("验证码不正确或已用过").await;
        browser.is_accessible().await;
    }
);
