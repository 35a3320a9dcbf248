//! 双向选择: both sides rank each other, unseen by the other. The bureau then tries out who should be paired with whom.

use baishe::startup;
use contract::ErrorCode::*;
use serde_json::json;

use super::{VILLAGE_C, Year};
use crate::support::Who::*;
use crate::support::*;

/// Returns the assignment of the campaign.
pub async fn act(app: &TestApp, year: &Year) -> Answer {
    app.clock.set(noon("2020-05-03"));
    let campaign = &year.campaign;
    let villages = [VILLAGE_A, VILLAGE_B, VILLAGE_C].map(|code| json!({ "village_code": code }));
    let ranking = json!({ "campaign_id": campaign.id(), "organisation_id": app.world.organisation_a, "ranked": villages });
    let but = [TownA, TownB, VillageA, VillageB].map(|who| (who, Forbidden));
    let ranked = app.make("/rankings", ranking, "/campaign_id", campaign, &[OrganisationA], &but).await;
    let fewer = json!({ "ranked": villages[..2] });
    app.edit(&ranked, fewer, &[OrganisationA], &[]).await;
    let organisations = [app.world.organisation_b, app.world.organisation_a].map(|id| json!({ "organisation_id": id }));
    let ranking = json!({ "campaign_id": campaign.id(), "village_code": VILLAGE_A, "ranked": organisations });
    app.village_a().post("/rankings", ranking).await.is(201);
    // A town stands in for a committee without an account.
    let ranking = json!({
        "campaign_id": campaign.id(), "village_code": VILLAGE_C, "ranked": [{ "organisation_id": year.organisation_c_id }],
        "on_behalf_reason": "受村委会委托",
    });
    year.town_c.post("/rankings", ranking).await.is(201);
    assert_eq!(app.bureau().get("/rankings").await.is(200)["total"], 0, "nobody sees them before the deadline");
    app.clock.set(noon("2020-05-05"));
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get("/rankings").await.is(200)["total"], 3);

    let advice = app.bureau().get(&format!("/recommendations?campaign_id={}", campaign.id())).await.is(200);
    assert!(!advice["fit"].as_array().expect("a list").is_empty(), "somebody of each town fits");
    let forbidden = json!([{ "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A }]);
    let draft = json!({
        "campaign_id": campaign.id(), "title": "五月结对方案", "organisation_capacity": 1, "village_capacity": 20,
        "uses_rankings": true, "forbidden": forbidden,
    });
    let draft = app.make("/assignments", draft, "/campaign_id", campaign, &[Bureau], &[]).await;
    let figures = &draft["figures"];
    assert_eq!(
        (&figures["organisations"], &figures["villages"], &figures["village_rankings"]),
        (&json!(100), &json!(3), &json!(2))
    );
    assert!(figures["total"].as_i64() >= figures["greedy_total"].as_i64());
    let query = format!("organisation_id={}&village_code={VILLAGE_A}", app.world.organisation_a);
    let why = app.bureau().get(&format!("{}/why-not?{query}", draft.path())).await.is(200);
    assert_eq!(why["answer"], "forbidden");
    let reasons = app.bureau().get(&format!("{}/reasons", draft.path())).await.is(200);
    let left = reasons["organisations_left"].as_array().expect("a list").iter().filter(|left| left["without"] == true);
    assert_eq!(left.count(), usize::try_from(figures["organisations_without"].as_i64().expect("a number")).expect("a count"));
    draft
}
