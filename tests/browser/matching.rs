//! Both sides rank, the bureau has the best assignment computed, asks why, and recommends it; a recommendation is proposed.

use baishe::startup;
use serde_json::json;

use super::harness::Browser;
use super::journey;
use crate::support::*;

/// A campaign in which both organisations and both villages take part, the second organisation as the chamber of its town; returns
/// its id.
async fn four(app: &TestApp) -> String {
    let id = app.enrolled(campaign()).await;
    let path = format!("/organisations/{}", app.world.organisation_b);
    let seen = app.bureau().get(&path).await.is(200);
    app.bureau().patch(&path, json!({ "kind": "chamber" })).if_match(&seen.etag()).await.is(200);
    for member in [
        json!({ "campaign_id": id, "village_code": VILLAGE_B }),
        json!({ "campaign_id": id, "organisation_id": app.world.organisation_b }),
    ] {
        let entered = app.bureau().post("/enrolments", member).await.is(201);
        app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    }
    id
}

/// A ranking of organisation A, and the day after the deadline.
async fn ranked(app: &TestApp, campaign_id: &str) {
    let ranking = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "ranked": [{ "village_code": VILLAGE_A }] });
    app.organisation_a().post("/rankings", ranking).await.is(201);
    after_the_deadline(app).await;
}

async fn after_the_deadline(app: &TestApp) {
    app.clock.set(noon("2020-05-09"));
    startup::tidy(&app.app).await;
}

async fn compute(browser: &Browser) {
    browser.menu("结对", "结对方案").await;
    browser.link("新建草案").await;
    browser.fill("标题", "第一次试算").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading("第一次试算").await;
}

journey!(both_sides_rank_and_the_best_assignment_is_recommended_by_clicking, async |app, browser| {
    four(app).await;
    browser.sign_in(Who::OrganisationA, "/").await;
    browser.menu("结对", "志愿填报").await;
    browser.heading("我的志愿").await;
    browser.sees("填报截止：2020年5月8日").await;
    browser.pick("第一志愿", "新丰").await;
    browser.button("添加志愿").await;
    browser.pick("第二志愿", "永湖").await;
    browser.button("第 2 行上移").await;
    browser.holds("第一志愿", "永湖村委会").await;
    // The same one twice is a fault of its own line.
    browser.button("添加志愿").await;
    browser.pick("第三志愿", "永湖").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.find("//li[.//label[starts-with(normalize-space(), '第三志愿')]]//input[@aria-invalid='true']").await;
    browser.button("删除第 3 行").await;
    browser.button("保存").await;
    browser.heading("晋江市慈善总会").await;
    browser.sign_out().await;

    after_the_deadline(app).await;
    browser.sign_in(Who::OrganisationA, "/rankings").await;
    browser.sees("志愿填报已于 2020年5月8日 截止").await;
    browser.gone("//button[normalize-space()='保存']").await;
    browser.sign_out().await;

    browser.sign_in(Who::Bureau, "/").await;
    compute(browser).await;
    browser.sees("已证明最优").await;
    browser.is_accessible().await;
    // A line of the board opens its terms.
    let line = browser.find("//button[contains(@aria-label, '晋江市慈善总会 · 永湖村委会')]").await;
    line.click().await.expect("the line opens");
    browser.sees("社会组织的第 1 志愿").await;
    browser.is_accessible().await;
    browser.button("关闭").await;
    // The table says the same.
    browser.tab("明细表").await;
    browser.sees("本镇（街道）商会，原则上挂钩一个村（社区）").await;
    browser.is_accessible().await;
    browser.tab("为何不是这两家").await;
    browser.pick("社会组织", "晋江市慈善总会").await;
    browser.pick("村（社区）", "新丰").await;
    browser.sees("各自与他方结对总体更优").await;
    browser.is_accessible().await;
    browser.button("转为推荐结对（2）").await;
    browser.button("转为推荐结对").await;
    browser.sees("已推荐 2 对结对").await;
    browser.sees("已转为推荐结对").await;
    browser.sign_out().await;

    let pairings = app.bureau().get("/pairings?state=proposed").await.is(200);
    assert_eq!(pairings["total"], 2);
    assert!(pairings.items().iter().all(|pairing| pairing["proposed_by"] == "bureau"), "{}", pairings.body);
    browser.sign_in(Who::VillageA, "/").await;
    browser.link("永湖村委会 · 晋江市慈善总会").await;
    browser.button("同意结对").await;
    browser.button("同意结对").await;
    browser.gone("//dialog").await;
    let accepted = app.bureau().get("/pairings?q=永湖").await.is(200);
    assert!(accepted.items()[0]["village_accepted_at"].is_string(), "{}", accepted.body);
});

journey!(a_draft_whose_data_has_changed_is_computed_again, async |app, browser| {
    let campaign_id = four(app).await;
    ranked(app, &campaign_id).await;
    browser.sign_in(Who::Bureau, "/").await;
    compute(browser).await;
    // Meanwhile two of it are brought together by hand.
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    app.organisation_a().post("/pairings", two).await.is(201);
    browser.button("转为推荐结对（2）").await;
    browser.button("转为推荐结对").await;
    browser.find("//dialog//h2[normalize-space()='数据已有变动']").await;
    browser.button("按最新数据重新计算").await;
    browser.find("//button[normalize-space()='转为推荐结对（1）']").await;
    assert_eq!(app.bureau().get("/pairings").await.is(200)["total"], 1, "nothing was half done");
    // Of the two drafts, one line is in both.
    browser.tab("比较").await;
    browser.select("与哪个草案比较", &older(app).await).await;
    browser.sees("相同的结对 1 对").await;
    browser.is_accessible().await;
});

/// How the older of two drafts is offered for comparison.
async fn older(app: &TestApp) -> String {
    let drafts = app.bureau().get("/assignments?sort=updated_at").await.is(200);
    let draft = &drafts.items()[0];
    format!("{} ({})", draft["title"].as_str().expect("a title"), draft["figures"]["total"])
}

journey!(a_recommendation_is_proposed_with_its_reasons, async |app, browser| {
    four(app).await;
    browser.sign_in(Who::OrganisationB, "/").await;
    browser.menu("结对", "结对推荐").await;
    browser.sees("本镇（街道）商会，原则上挂钩一个村（社区）").await;
    browser.is_accessible().await;
    let propose = browser.find("//a[starts-with(normalize-space(), '提出结对')]").await;
    propose.click().await.expect("the form opens");
    browser.holds("村（社区）", "新丰村委会").await;
    browser.holds("社会组织名称", "龙湖镇商会").await;
    browser.button("保存").await;
    browser.heading("新丰村委会 · 龙湖镇商会").await;
    browser.tab("基本信息").await;
    browser.sees("本镇（街道）商会，原则上挂钩一个村（社区）").await;
    browser.sign_out().await;
    // Whoever has a village is not listed any more.
    browser.sign_in(Who::TownB, "/recommendations").await;
    browser.sees("通知要求优先推荐").await;
    browser.gone("//h2[normalize-space()='尚未挂钩村（社区）的商会']").await;
});
