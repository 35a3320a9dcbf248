//! A village enters what it needs and publishes it, and an organisation finds it.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(a_need_is_entered_published_and_found_by_clicking, async |app, browser| {
    app.open_campaign().await;
    browser.sign_in(Who::VillageA, "/").await;
    browser.menu("结对", "供需目录").await;
    browser.link("新增条目").await;
    browser.fill("标题", "村民活动中心修缮").await;
    browser.select("目标", "基础设施").await;
    browser.select("类别", "设施建设").await;
    browser.fill("说明", "屋面渗漏，雨天无处活动").await;
    browser.fill("数量", "10").await;
    browser.fill("计量单位", "间").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("村民活动中心修缮").await;
    browser.sees("草拟").await;
    browser.button("发布").await;
    browser.button("发布").await;
    browser.sees("已发布").await;
    browser.is_accessible().await;

    // Who enters it once more is shown the first one.
    browser.visit("/catalogue-entries/new").await;
    browser.fill("标题", "老人活动室翻修").await;
    browser.select("目标", "基础设施").await;
    browser.select("类别", "设施建设").await;
    browser.fill("说明", "同一处屋面").await;
    browser.fill("数量", "1").await;
    browser.fill("计量单位", "处").await;
    browser.button("保存").await;
    browser.sees("村民活动中心修缮").await;
    assert_eq!(app.bureau().get("/catalogue-entries").await.is(200)["total"], 1);
    browser.sign_out().await;

    // By its initials; typed, the list would be drawn twice with the same line.
    browser.sign_in(Who::OrganisationA, "/").await;
    browser.visit("/catalogue-entries?q=cmhdzx").await;
    browser.link("村民活动中心修缮").await;
    browser.heading("村民活动中心修缮").await;
    let listed = app.organisation_a().get("/catalogue-entries?state=published").await.is(200);
    assert_eq!(listed.items()[0]["title"], json!("村民活动中心修缮"));
});
