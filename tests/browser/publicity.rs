//! A case is nominated, selected, published and taken up, and a newspaper tells of it, by clicking.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(a_case_becomes_known_and_is_taken_up_by_clicking, async |app, browser| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    browser.sign_in(Who::OrganisationA, &pairing.path()).await;
    browser.link("推荐案例").await;
    browser.holds("结对", "永湖村委会 · 晋江市慈善总会").await;
    browser.fill("标题", "路灯照亮回家路").await;
    browser.select("目标", "基础设施").await;
    browser.fill("摘要", "会员企业认捐，村里出工").await;
    browser.fill("背景", "主村道没有路灯").await;
    browser.fill("做法", "按盏认捐，许清水家门口先装").await;
    browser.fill("成效", "装灯三十盏").await;
    browser.is_accessible().await;
    // What everybody will read names no family.
    browser.button("保存").await;
    browser.sees("公开的文字不得写明是谁").await;
    browser.fill("做法", "按盏认捐，村口先装").await;
    browser.button("保存").await;
    browser.heading("路灯照亮回家路").await;
    browser.sees("待选定").await;
    browser.is_accessible().await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, "/").await;
    browser.sees("待选定的案例").await;
    browser.link("路灯照亮回家路 · 永湖村委会").await;
    browser.button("选定").await;
    browser.fill("原因（必填）", "有代表性").await;
    browser.button("选定").await;
    browser.sees("已选定").await;
    browser.button("发布").await;
    browser.button("发布").await;
    browser.sees("请选择一项").await;
    browser.select("出现的人", "出现的人均已同意公开").await;
    browser.button("发布").await;
    browser.sees("已发布").await;
    browser.sees("同意确认人").await;
    browser.is_accessible().await;
    browser.link("打印页").await;
    browser.sees("按盏认捐，村口先装").await;
    browser.is_accessible().await;
    browser.sign_out().await;

    browser.sign_in(Who::VillageB, "/").await;
    browser.menu("典型宣传", "案例与经验库").await;
    browser.link("路灯照亮回家路").await;
    browser.link("登记借鉴").await;
    browser.holds("案例或做法", "路灯照亮回家路").await;
    browser.fill("借鉴了什么、效果如何", "先装村口十盏").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.sees("先装村口十盏").await;
    browser.menu("典型宣传", "宣传报道").await;
    browser.link("登记报道").await;
    browser.fill("标题", "晋江：路灯亮了").await;
    browser.select("渠道", "报纸").await;
    browser.fill("媒体", "泉州晚报").await;
    browser.fill("链接", "javascript:alert(1)").await;
    browser.button("保存").await;
    browser.sees("须为以 http:// 或 https:// 开头的网址").await;
    browser.fill("链接", "https://www.example.com/news/1").await;
    browser.fill("覆盖量", "12000").await;
    browser.fill("覆盖量单位", "份").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("晋江：路灯亮了").await;
    browser.find("//a[@href='https://www.example.com/news/1'][@rel='noopener noreferrer']").await;
    browser.is_accessible().await;
    browser.menu("典型宣传", "宣传统计").await;
    browser.sees("2020年4月").await;
    browser.is_accessible().await;
    browser.resize(390).await;
    browser.is_accessible().await;
    let case = app.bureau().get("/cases?state=published").await.is(200);
    assert_eq!((&case["total"], &case.items()[0]["uptakes"]), (&json!(1), &json!(1)));
});
