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

journey!(whoever_has_published_nothing_is_reminded_and_the_bureau_sees_who_that_is, async |app, browser| {
    let campaign_id = app.enrolled(campaign()).await;
    browser.sign_in(Who::VillageA, "/").await;
    browser.sees("待发布的供需信息").await;
    browser.link("永湖村委会").await;
    browser.heading("永湖村委会").await;
    browser.link("新增条目").await;
    browser.fill("标题", "村民活动中心修缮").await;
    browser.select("目标", "基础设施").await;
    browser.select("类别", "设施建设").await;
    browser.fill("说明", "屋面渗漏，雨天无处活动").await;
    browser.fill("数量", "10").await;
    browser.fill("计量单位", "间").await;
    browser.button("保存").await;
    browser.heading("村民活动中心修缮").await;
    browser.button("发布").await;
    browser.button("发布").await;
    browser.sees("已发布").await;
    browser.visit("/").await;
    browser.sees("您好").await;
    browser.settled().await;
    assert!(!browser.text().await.contains("待发布的供需信息"));
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, &format!("/campaigns/{campaign_id}")).await;
    browser.sees("1 / 101").await;
    browser.link("查看未发布供需信息的单位").await;
    browser.sees("晋江市慈善总会").await;
    assert!(!browser.text().await.contains("永湖村委会"), "it has published something");
    browser.is_accessible().await;

    // The booklet has the town's heading, and is printed without what surrounds it.
    browser.visit("/catalogue-entries?state=published").await;
    browser.link("供需目录（按镇）").await;
    browser.sees("东石镇").await;
    browser.sees("屋面渗漏").await;
    browser.is_accessible().await;
    let media = |media: &str| json!({ "media": media });
    browser.cdp("Emulation.setEmulatedMedia", media("print")).await;
    let printed = browser.text().await;
    assert!(printed.contains("屋面渗漏") && !printed.contains("导出公文"), "{printed}");
    browser.cdp("Emulation.setEmulatedMedia", media("")).await;
    browser.button("导出公文（.docx）").await;
    let (name, bytes) = browser.downloaded("docx").await;
    assert!(name.contains("供需目录") && bytes.starts_with(b"PK"), "{name}");
});
