//! 5月15日前: 双向选择结成对子. Either side proposes and the other answers. Both answer a recommendation of the bureau.

use baishe::startup;
use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::catalogue::{Supply, amounts};
use super::{Pairs, VILLAGE_C, Year, milestone, reasons, stands};
use crate::support::Who::*;
use crate::support::*;

pub async fn act(app: &TestApp, year: &Year, supply: &Supply, draft: &Answer) -> Pairs {
    app.clock.set(noon("2020-05-06"));
    let pairs = Pairs {
        recommended: the_bureau_recommends(app, draft).await,
        proposed: an_organisation_proposes(app, year, supply).await,
        asked: a_village_proposes(app, year).await,
        on_behalf: a_town_stands_in(year).await,
    };
    some_come_to_nothing(app, year).await;
    confirmed_in_time(app, year, pairs).await
}

fn two(app: &TestApp, year: &Year, organisation: Who, village_code: &str) -> Value {
    let organisation_id = if organisation == OrganisationA { app.world.organisation_a } else { app.world.organisation_b };
    json!({ "campaign_id": year.campaign.id(), "organisation_id": organisation_id, "village_code": village_code })
}

async fn an_organisation_proposes(app: &TestApp, year: &Year, supply: &Supply) -> Answer {
    // It sets aside some of what the village needs, before anybody else does.
    let taken = json!([{ "entry_id": supply.need.id(), "quantity": 3 }]);
    let body = with(two(app, year, OrganisationA, VILLAGE_A), "/commitments", taken);
    let organisation = app.organisation_a();
    organisation.post("/pairings", with(body.clone(), "/village_code", json!("350582104205"))).await.refused(NotEnrolled);
    organisation
        .post("/pairings", with(body.clone(), "/village_code", json!(OTHER_VILLAGE)))
        .await
        .fault("/village_code", "unknown");
    let may = [OrganisationA, VillageA, TownA, Bureau];
    let proposed = app.make("/pairings", body.clone(), "/campaign_id", &year.campaign, &may, &[]).await;
    assert_eq!((&proposed["proposed_by"], &proposed["answer_due_on"]), (&json!("organisation"), &json!("2020-05-16")));
    app.village_a().post("/pairings", body).await.refused(PairingExists);
    assert_eq!(amounts(app, &supply.need).await, [3, 0, 0, 7]);
    waits(app, VillageA, "answer_pairings", 1).await;
    app.bureau().post(&format!("{}/confirm", proposed.path()), json!({})).await.refused(IllegalStep);
    let accepted = app.step(&proposed, "accept", reasons(), &[VillageA, TownA], &[(OrganisationA, IllegalStep)]).await;
    assert_eq!(accepted["state"], "accepted");
    accepted
}

/// A line of the assignment becomes a recommendation.
async fn the_bureau_recommends(app: &TestApp, draft: &Answer) -> Answer {
    let line = json!({ "organisation_id": app.world.organisation_b, "village_code": VILLAGE_A });
    let turned = app.step(draft, "accept", json!({ "lines": [line] }), &[Bureau], &[]).await;
    assert_eq!((&turned["state"], &turned["recommended"]), (&json!("accepted"), &json!(1)));
    let made = app.bureau().get("/pairings?state=proposed").await.is(200).items()[0].clone();
    let recommended = app.bureau().get(&format!("/pairings/{}", made["id"].as_str().expect("an id"))).await.is(200);
    // 双向选择: the organisation reads the note, and is not told whom the village ranks.
    assert!(!recommended["note"].to_string().contains("志愿"), "{}", recommended["note"]);
    assert_eq!((&recommended["proposed_by"], &recommended["organisation_accepted_at"]), (&json!("bureau"), &Value::Null));
    let half = app.step(&recommended, "accept", reasons(), &[OrganisationB, VillageA, TownA], &[]).await;
    assert_eq!(half["state"], "proposed", "both sides answer");
    app.bureau().post(&format!("{}/confirm", half.path()), json!({})).await.refused(IllegalStep);
    // 自愿: whoever speaks for a committee has to say why.
    app.town_a().post(&format!("{}/accept", half.path()), json!({})).await.fault("/on_behalf_reason", "required");
    let accepted = app.step(&half, "accept", reasons(), &[TownA, VillageA], &[(OrganisationB, IllegalStep)]).await;
    assert_eq!(accepted["state"], "accepted");
    let history = app.bureau().get(&format!("{}/history", half.path())).await.is(200);
    assert_eq!(history.items()[0]["on_behalf_reason"], "村委会暂无账号，受其委托");
    accepted
}

async fn a_village_proposes(app: &TestApp, year: &Year) -> Answer {
    let may = [VillageB, OrganisationB, TownB, Bureau];
    let asked = app.make("/pairings", two(app, year, OrganisationB, VILLAGE_B), "/campaign_id", &year.campaign, &may, &[]).await;
    assert_eq!(asked["proposed_by"], "village");
    waits(app, OrganisationB, "answer_pairings", 1).await;
    app.step(&asked, "accept", reasons(), &[OrganisationB], &[(VillageB, IllegalStep), (TownB, IllegalStep)]).await
}

async fn a_town_stands_in(year: &Year) -> Answer {
    let body = json!({
        "campaign_id": year.campaign.id(), "organisation_id": year.organisation_c_id, "village_code": VILLAGE_C,
        "on_behalf_reason": "受村委会委托",
    });
    let proposed = year.town_c.post("/pairings", body).await.is(201);
    assert_eq!(proposed["proposed_by"], "village");
    year.organisation_c.post(&format!("{}/accept", proposed.path()), json!({})).await.is(200).about(&proposed.path())
}

async fn some_come_to_nothing(app: &TestApp, year: &Year) {
    let body = two(app, year, OrganisationA, VILLAGE_B);
    let declined = app.organisation_a().post("/pairings", body.clone()).await.is(201);
    app.as_(VillageB).post(&format!("{}/decline", declined.path()), json!({})).await.fault("/note", "required");
    app.step(&declined, "decline", reasons(), &[VillageB, TownB], &[(OrganisationA, IllegalStep)]).await;
    let withdrawn = app.organisation_a().post("/pairings", body.clone()).await.is(201);
    let but = [(VillageB, IllegalStep), (TownB, IllegalStep), (Bureau, IllegalStep)];
    app.step(&withdrawn, "withdraw", reasons(), &[OrganisationA], &but).await;
    // Nobody answers this recommendation of the town.
    let unanswered = app.town_b().post("/pairings", body).await.is(201);
    assert_eq!(unanswered["proposed_by"], "town");
    app.clock.set(noon("2020-05-17"));
    app.as_(VillageB).post(&format!("{}/accept", unanswered.path()), json!({})).await.refused(IllegalStep);
    startup::tidy(&app.app).await;
    assert_eq!(app.organisation_a().get(&unanswered.path()).await.is(200)["state"], "expired");
    app.clock.set(noon("2020-05-14"));
    assert_eq!(app.bureau().get("/pairings?state=declined").await.is(200)["total"], 1);
}

async fn confirmed_in_time(app: &TestApp, year: &Year, pairs: Pairs) -> Pairs {
    waits(app, Bureau, "confirm_pairings", 4).await;
    let confirm = async |pairing: &Answer| app.step(pairing, "confirm", reasons(), &[Bureau], &[]).await;
    let confirmed = Pairs {
        proposed: confirm(&pairs.proposed).await,
        recommended: confirm(&pairs.recommended).await,
        asked: confirm(&pairs.asked).await,
        on_behalf: confirm(&pairs.on_behalf).await,
    };
    assert_eq!(milestone(app, &year.campaign, "pairing").await, stands("upcoming", 4, 100));
    app.clock.set(noon("2020-05-16"));
    assert_eq!(milestone(app, &year.campaign, "pairing").await, stands("missed", 4, 100));
    confirmed
}

/// Asserts how many items of a kind are on somebody's work list.
async fn waits(app: &TestApp, who: Who, kind: &str, total: u32) {
    let list = app.as_(who).get("/work-items").await.is(200);
    let groups = list["groups"].as_array().expect("groups").clone();
    let found = groups.iter().find(|group| group["kind"] == kind).map_or(json!(0), |group| group["total"].clone());
    assert_eq!(found, total, "{kind} of {who:?}");
}
