//! Nothing that was typed is lost: on leaving the page, in a conflict, when the session ends, when the service cannot be reached.

use serde_json::{Value, json};
use thirtyfour::prelude::Key;

use super::journey;
use crate::support::*;

fn village() -> String {
    format!("/villages/{VILLAGE_A}")
}

fn form() -> String {
    format!("{}/edit", village())
}

journey!(whoever_leaves_an_unsaved_form_is_asked, async |app, browser| {
    browser.sign_in(Who::TownA, "/").await;
    browser.menu("基础资料", "村（社区）").await;
    browser.fill("搜索", "永湖").await;
    browser.link("永湖村委会").await;
    browser.link("编辑").await;
    browser.fill("资源禀赋", "龙眼").await;
    browser.sees("有未保存的修改").await;
    browser.link("工作台").await;
    browser.sees("您的修改尚未保存，离开后将丢失。").await;
    browser.is_accessible().await;
    browser.button("取消").await;
    assert_eq!(browser.path().await, form());

    // The browser's back button does not get around it.
    browser.driver.back().await.expect("a step back");
    browser.sees("离开此页？").await;
    browser.button("取消").await;
    browser.arrives(&form()).await;
    browser.holds("资源禀赋", "龙眼").await;

    browser.link("工作台").await;
    browser.button("离开").await;
    browser.arrives("/").await;
    assert_eq!(app.town_a().get(&village()).await.is(200)["resources"], Value::Null);
    browser.visit(&form()).await;
    browser.holds("资源禀赋", "").await;
});

journey!(enter_saves_wherever_the_cursor_is, async |app, browser| {
    browser.sign_in(Who::TownA, &form()).await;
    browser.fill("联系人", "许清水").await;
    browser.keys(Key::Enter).await;
    browser.arrives(&village()).await;
    assert_eq!(app.town_a().get(&village()).await.is(200)["contact_name"], "许清水");
    browser.sign_out().await;

    // In a search field the first Enter takes the choice, and the next one saves.
    app.open_campaign().await;
    browser.sign_in(Who::Bureau, "/enrolments/new").await;
    browser.pick("社会组织名称", "晋江市慈善总会").await;
    browser.keys(Key::Enter).await;
    browser.heading("晋江市慈善总会").await;
});

journey!(two_who_change_the_same_are_brought_together, async |app, browser| {
    browser.sign_in(Who::TownA, &form()).await;
    browser.fill("资源禀赋", "龙眼").await;
    browser.fill("联系人", "许清水").await;
    let town = app.town_a();
    let theirs = json!({ "resources": "茶叶", "population": 3200 });
    let read = town.get(&village()).await.is(200);
    town.patch(&village(), theirs).if_match(&read.etag()).await.is(200);

    browser.button("保存").await;
    browser.sees("数据已被他人修改").await;
    browser.is_accessible().await;
    let asked = browser.text().await;
    assert!(
        asked.contains("龙眼") && asked.contains("茶叶") && !asked.contains("3,200"),
        "only what both changed is asked: {asked}"
    );
    browser.button("返回编辑").await;
    browser.holds("资源禀赋", "龙眼").await;
    browser.button("保存").await;
    browser.choose("对方的：").await;
    browser.button("按此保存").await;
    browser.arrives(&village()).await;
    let merged = town.get(&village()).await.is(200);
    assert_eq!(
        (&merged["resources"], &merged["contact_name"], &merged["population"]),
        (&json!("茶叶"), &json!("许清水"), &json!(3200))
    );
});

journey!(what_is_typed_outlives_the_session, async |app, browser| {
    let end_sessions = async || app.sql("UPDATE sessions SET ended_at = created_at WHERE user_agent IS NOT NULL").await;
    browser.sign_in(Who::TownA, &form()).await;
    browser.fill("资源禀赋", "龙眼五百亩").await;
    end_sessions().await;
    browser.button("保存").await;
    browser.sees("请重新登录").await;
    browser.is_accessible().await;
    browser.credentials(&Who::TownA.account(), PASSWORD).await;
    // The interrupted action continues by itself, and the notice about the ended session disappears.
    browser.arrives(&village()).await;
    assert!(!browser.text().await.contains("会话已结束"));
    assert_eq!(app.town_a().get(&village()).await.is(200)["resources"], "龙眼五百亩");

    // A restart of the app does not lose it: whoever signs in again on that page is offered the draft.
    browser.link("编辑").await;
    browser.fill("联系人", "许清水").await;
    end_sessions().await;
    browser.sign_in(Who::TownA, &form()).await;
    browser.sees("已恢复您上次未保存的内容。").await;
    browser.holds("联系人", "许清水").await;
    browser.button("放弃恢复的内容").await;
    browser.holds("联系人", "").await;
});

journey!(a_service_that_cannot_be_reached_is_named, async |app, browser| {
    let notice = "无法连接服务，请检查网络后重试。";
    browser.sign_in(Who::TownA, &form()).await;
    browser.fill("资源禀赋", "龙眼").await;
    browser.offline(true).await;
    browser.button("保存").await;
    browser.sees(notice).await;
    browser.offline(false).await;
    browser.button("保存").await;
    browser.arrives(&village()).await;
    assert_eq!(app.town_a().get(&village()).await.is(200)["resources"], "龙眼");

    browser.offline(true).await;
    // The page's code has not arrived yet either, so the log may mention it.
    browser.menu("结对", "结对一览").await;
    browser.sees(notice).await;
    let errors = browser.errors().await;
    assert!(errors.iter().all(|error| error.contains("/assets/")), "{errors:#?}");
    browser.offline(false).await;
    browser.button("重试").await;
    browser.heading("结对").await;
    browser.sees("还没有结对。").await;
});

journey!(what_has_ended_is_offered_for_nothing_new, async |app, browser| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    browser.sign_in(Who::OrganisationA, "/projects/new").await;
    browser.pick("结对", "慈善总会").await;
    app.bureau().post(&format!("{}/terminate", pairing.path()), json!({ "note": "双方协商终止" })).await.is(200);
    browser.visit("/projects/new").await;
    browser.fill("结对", "慈善总会").await;
    browser.sees("0 个选项").await;
    // Of what happened before its end, results can still be told.
    browser.visit("/outcomes/new").await;
    browser.pick("结对", "慈善总会").await;
});

journey!(money_is_typed_in_yuan_whatever_it_is_counted_for, async |app, browser| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    browser.sign_in(Who::OrganisationA, &format!("/outcomes/new?pairing_id={}", pairing.id())).await;
    browser.select("指标", "创业培训（场）").await;
    browser.fill("数量", "3").await;
    browser.select("指标", "捐赠资金（元）").await;
    browser.fill("金额（元）", "20,000.5").await;
    browser.button("保存").await;
    browser.sees("¥20,000.50").await;
    assert_eq!(app.organisation_a().get("/outcomes").await.is(200).items()[0]["quantity"], 2_000_050);

    browser.visit(&format!("/projects/new?pairing_id={}", pairing.id())).await;
    browser.button("添加 预期成效").await;
    browser.select("指标", "捐赠资金（元）").await;
    browser.fill("金额（元）", "1234").await;
    browser.holds("金额（元）", "1234").await;
});
