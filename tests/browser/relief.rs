//! A family and its plan: drafted, agreed, carried out, confirmed, and visible in the ledger.

use serde_json::json;

use super::journey;
use crate::support::*;

journey!(what_is_planned_is_done_confirmed_and_moves_the_ledger, async |app, browser| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    browser.sign_in(Who::VillageA, &family.path()).await;
    browser.tab("结对单位").await;
    browser.sees("结对中").await;
    browser.tab("帮扶方案").await;
    browser.link("制定帮扶方案").await;
    browser.holds("帮扶户", &format!("{VILLAGE_A}-0001 许**")).await;
    browser.button("保存").await;
    browser.heading(&format!("许** {VILLAGE_A}-0001")).await;
    browser.link("添加措施").await;
    browser.select("类别", "慰问").await;
    browser.fill("说明", "走访慰问").await;
    browser.select("责任方", "社会组织").await;
    browser.select("社会组织名称", pairing["organisation_name"].as_str().expect("a name")).await;
    browser.fill("计划金额（元）", "500").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.sees("¥500.00").await;
    let plan = app.village_a().get("/assistance-plans").await.is(200).items()[0].clone();
    browser.visit(&format!("/assistance-plans/{}", plan["id"].as_str().expect("an id"))).await;
    browser.button("与农户商定").await;
    browser.button("与农户商定").await;
    browser.sees("请填写姓名").await;
    browser.fill("商定的家庭成员", "许清水").await;
    browser.is_accessible().await;
    browser.button("与农户商定").await;
    browser.gone("//dialog").await;
    browser.sees("已商定").await;
    browser.sign_out().await;

    browser.sign_in(Who::OrganisationA, "/").await;
    browser.sees("待落实的帮扶措施").await;
    browser.link(&format!("永湖村委会 · {VILLAGE_A}-0001 · 慰问")).await;
    browser.link("登记帮扶").await;
    browser.holds("帮扶户", &format!("{VILLAGE_A}-0001 许**")).await;
    // Money that cannot be read is a fault of its own field, and of no other.
    browser.fill("金额（元）", "五百").await;
    browser.button("保存").await;
    browser.sees("须为以元为单位的金额，最多两位小数").await;
    assert!(!browser.text().await.contains("须填写金额、物资或服务内容中的至少一项"));
    browser.fill("金额（元）", "500").await;
    browser.is_accessible().await;
    browser.button("保存").await;
    browser.heading(&format!("{VILLAGE_A}-0001 · 慰问 · ¥500.00")).await;
    browser.sees("待确认").await;
    browser.sign_out().await;

    browser.sign_in(Who::VillageA, "/").await;
    browser.sees("待确认的帮扶记录").await;
    browser.link(&format!("永湖村委会 · {VILLAGE_A}-0001 · 慰问")).await;
    browser.button("确认").await;
    browser.button("确认").await;
    browser.gone("//dialog").await;
    browser.sees("已确认").await;
    // A confirmed record is corrected, not edited.
    browser.gone("//a[normalize-space()='编辑']").await;
    browser.link("更正").await;
    browser.holds("金额（元）", "500.00").await;
    browser.fill("金额（元）", "600").await;
    browser.button("保存").await;
    browser.heading(&format!("{VILLAGE_A}-0001 · 慰问 · ¥600.00")).await;
    browser.button("确认").await;
    browser.button("确认").await;
    browser.gone("//dialog").await;
    browser.tab("更正情况").await;
    browser.sees("已更正").await;
    let measures = app.village_a().get("/assistance-measures").await.is(200);
    assert_eq!((&measures.items()[0]["state"], &measures.items()[0]["given_fen"]), (&json!("fulfilled"), &json!(60_000)));

    browser.menu("帮扶户", "动态清零台账").await;
    browser.sees("2020年4月").await;
    const CLOSING: &str = "//dl//dt[contains(., '期末在册')]/following-sibling::dd/a[normalize-space()='1']";
    browser.find(CLOSING).await;
    browser.is_accessible().await;
    // The town office reviews the family, and lifts it out.
    browser.sign_out().await;
    browser.sign_in(Who::TownA, &family.path()).await;
    browser.button("确认脱困").await;
    browser.fill("原因（必填）", "收入稳定").await;
    browser.button("确认脱困").await;
    browser.gone("//dialog").await;
    browser.menu("帮扶户", "动态清零台账").await;
    browser.find("//dl//dt[contains(., '期末在册')]/following-sibling::dd/a[normalize-space()='0']").await;
    // The family came and went in one month. Each figure leads to it.
    let lifted = browser.find("//dl//dt[contains(., '脱困')]/following-sibling::dd/a[normalize-space()='1']").await;
    lifted.click().await.expect("a link");
    browser.heading("帮扶户").await;
    browser.link(&format!("{VILLAGE_A}-0001")).await;
    browser.heading(&format!("许** {VILLAGE_A}-0001")).await;
});

journey!(a_wrong_photo_is_removed_for_a_reason_after_the_record_is_confirmed, async |app, browser| {
    let (family, _) = app.helped(campaign(), 1).await;
    let record = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    app.attached(Who::OrganisationA, "assistance_records", &record.id()).await.is(201);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    browser.sign_in(Who::VillageA, &record.path()).await;
    browser.tab("附件").await;
    browser.button("移除").await;
    browser.select("事由", "不属于这里（如别人家的照片、材料）").await;
    browser.is_accessible().await;
    browser.button("移除").await;
    browser.gone("//dialog").await;
    browser.sees("没有附件。").await;
    browser.tab("历史记录").await;
    browser.sees("移除附件").await;
    browser.find("//summary").await.click().await.expect("what has changed unfolds");
    browser.sees("不属于这里（如别人家的照片、材料）").await;
});
