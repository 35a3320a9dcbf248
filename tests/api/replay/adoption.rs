//! 挂钩帮扶: a cadre of the bureau stands by an institution, and what comes of it.

use contract::ErrorCode::*;
use serde_json::json;

use super::{Year, reasons};
use crate::api::adoptions::proposal;
use crate::support::Who::*;
use crate::support::*;

pub async fn act(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-05-17"));
    let sees = [(LeadingGroup, Forbidden), (TownA, Forbidden), (Auditor, Forbidden)];
    let institution = app.bureau().get(&format!("/institutions/{}", app.world.institution)).await.is(200);
    let in_need = json!({ "difficulties": "护理人员不足，夜班只有一人" });
    app.edit(
        &institution,
        in_need,
        &[Institution, Bureau, TownA],
        &[(Cadre, Forbidden), (LeadingGroup, Forbidden), (Auditor, Forbidden)],
    )
    .await;
    let adoption = app.as_(Cadre).post("/adoptions", proposal(app, &year.campaign.id())).await.is(201);
    let adoption = app
        .step(&adoption, "accept", reasons(), &[Institution, Bureau], &[(Cadre, IllegalStep), sees[0], sees[1], sees[2]])
        .await;
    let others = [(Cadre, Forbidden), (Institution, Forbidden), sees[0], sees[1], sees[2]];
    let adoption = app.step(&adoption, "confirm", json!({}), &[Bureau], &others).await;
    assert_eq!(adoption["state"], "active");
    let cadre = app.as_(Cadre);
    let update = json!({ "adoption_id": adoption.id(), "month": "2020-05", "content": "走访机构，协调培训名额" });
    cadre.post("/adoption-updates", update).await.is(201);
    let help = json!({ "adoption_id": adoption.id(), "kind": "money", "happened_on": "2020-05-17", "amount_fen": 500_000 });
    let help = cadre.post("/help-records", help).await.is(201);
    let help =
        app.step(&help, "confirm", reasons(), &[Institution, Bureau], &[(Cadre, Forbidden), sees[0], sees[1], sees[2]]).await;
    assert_eq!(help["state"], "confirmed");
    let board = app.as_(LeadingGroup).get(&format!("/dashboard?campaign_id={}", year.campaign.id())).await.is(200);
    assert_eq!((&board["adoptions"]["active"]["value"], &board["adoptions"]["amount_fen"]), (&json!(1), &json!(500_000)));
}
