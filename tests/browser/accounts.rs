//! Requests that take two persons, by clicking: one asks, another confirms, and the person concerned is informed.

use super::harness::Browser;
use super::journey;
use crate::support::*;

/// The half of a password in a dialog.
async fn shown(browser: &Browser) -> String {
    browser.held("//dialog[@open]//input[@id='one-time-password']").await
}

journey!(an_account_of_the_bureau_is_made_by_two, async |app, browser| {
    browser.sign_in(Who::Admin, "/users/new").await;
    browser.fill("账号", "wanghaiyan").await;
    browser.fill("姓名", "王海燕").await;
    browser.select("角色", "民政系统干部职工").await;
    browser.gone("//label[starts-with(normalize-space(), '事由')]").await;
    browser.select("角色", "市民政局").await;
    browser.pick("行政区划", "晋江市").await;
    browser.button("保存").await;
    browser.sees("必填").await;
    browser.fill("事由", "新调入社会组织管理科").await;
    browser.button("保存").await;
    browser.heading("新建账号 · 王海燕").await;
    browser.sees("前半段").await;
    browser.is_accessible().await;
    let first = shown(browser).await;
    browser.button("已转交，关闭").await;
    browser.sees("尚未生效").await;
    // The person who asks can withdraw the request, but not confirm it.
    browser.find("//button[normalize-space()='撤回']").await;
    browser.gone("//button[normalize-space()='确认']").await;
    browser.sign_out().await;

    browser.sign_in(Who::Auditor, "/").await;
    browser.sees("待确认的账号申请").await;
    browser.link("新建账号 · 王海燕 · 市民政局").await;
    browser.sees("新调入社会组织管理科").await;
    browser.button("确认").await;
    browser.sees("请先核实使用人和事由").await;
    browser.is_accessible().await;
    browser.button("确认").await;
    browser.sees("后半段").await;
    let second = shown(browser).await;
    browser.button("已转交，关闭").await;
    browser.sees("已确认").await;
    browser.is_accessible().await;
    browser.sign_out().await;

    browser.try_credentials("wanghaiyan", &first).await;
    browser.sees("账号或密码不正确").await;
    browser.credentials("wanghaiyan", &[first, second].concat()).await;
    browser.heading("请设置新密码").await;
    assert_eq!(app.admin().get("/users?q=wanghaiyan").await.is(200).items()[0]["role"], "bureau");
});

journey!(a_reset_is_asked_for_and_the_person_is_told, async |app, browser| {
    let town = format!("/users/{}", app.world.accounts[&Who::TownA].user_id);
    browser.sign_in(Who::Admin, &town).await;
    browser.button("重置密码").await;
    browser.sees("须由另一名管理员").await;
    browser.button("重置密码").await;
    browser.sees("请填写原因").await;
    browser.fill("原因（必填）", "来电称忘记密码").await;
    browser.button("重置密码").await;
    browser.heading("重置密码 · TownA").await;
    browser.button("已转交，关闭").await;
    browser.sign_out().await;

    // Nothing has happened yet, but the person already knows of the request.
    browser.sign_in(Who::TownA, "/").await;
    browser.link("他人对您的账号办理或申请了 1 项变更，请查看").await;
    browser.heading("我的账号").await;
    browser.sees("来电称忘记密码").await;
    browser.is_accessible().await;
    browser.button("已查看").await;
    browser.gone("//a[contains(normalize-space(), '请查看')]").await;
    assert_eq!(app.town_a().get("/me").await.is(200)["unseen_changes"], 0);
});
