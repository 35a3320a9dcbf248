//! Recommendations: what the notice itself recommends, and how needs and offers fit, term by term.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::catalogue::{need, publish};
use super::rankings::enrolled;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[op("read_recommendations")
        .on(both_enrolled)
        .query(|campaign| format!("campaign_id={}", campaign.id))
        .foreign(ValidationFailed)],
    pages: &[
        ("organisation", "/recommendations"),
        ("village", "/recommendations"),
        ("town", "/recommendations"),
        ("bureau", "/recommendations"),
    ],
    ..Domain::EMPTY
};

fn both_enrolled(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", enrolled(app, next_campaign()).await)) })
}

/// Enters an organisation of town A in a campaign.
pub async fn joins(app: &TestApp, campaign_id: &str, number: u32, kind: &str, donated: Option<&str>) -> String {
    let donations =
        donated.map(|day| json!([{ "village_code": VILLAGE_A, "donated_on": day, "amount_fen": 20_000_000, "confirmed": true }]));
    let body = with(organisation(number, TOWN_A), "/kind", json!(kind));
    let body = with(body, "/directed_donations", donations.unwrap_or(json!([])));
    let made = app.bureau().post("/organisations", body).await.is(201);
    let member = json!({ "campaign_id": campaign_id, "organisation_id": made.id() });
    let entered = app.bureau().post("/enrolments", member).await.is(201);
    app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    made.id()
}

async fn asked(app: &TestApp, who: Who, query: &str) -> Answer {
    app.as_(who).get(&format!("/recommendations?{query}")).await.is(200)
}

/// The villages that are recommended to an organisation, or the organisations to a village, with the kinds of their terms.
fn of<'a>(answer: &'a Answer, list: &str, id: &str) -> Option<&'a Value> {
    answer[list].as_array().expect("a list").iter().find(|one| one["organisation_id"] == id)
}

fn kinds(recommendation: &Value) -> Vec<&str> {
    let terms = recommendation["terms"].as_array().expect("terms");
    let sum: i64 = terms.iter().map(|term| term["points"].as_i64().expect("points")).sum();
    assert_eq!(sum, recommendation["score"], "the terms add up to the score");
    terms.iter().map(|term| term["kind"].as_str().expect("a kind")).collect()
}

both_databases!(the_notice_recommends_donors_of_the_year_and_chambers_of_the_town, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let this_year = joins(app, &campaign_id, 41, "charity_association", Some("2020-01-15")).await;
    let last_year = joins(app, &campaign_id, 42, "foundation", Some("2019-12-31")).await;
    // The notice names no other kinds.
    let association = joins(app, &campaign_id, 43, "association", Some("2020-01-15")).await;
    let chamber = joins(app, &campaign_id, 44, "chamber", None).await;
    let query = format!("campaign_id={campaign_id}");
    for who in [Bureau, TownA, VillageA, LeadingGroup, Auditor] {
        let answer = asked(app, who, &query).await;
        let donor = of(&answer, "notice", &this_year).unwrap_or_else(|| panic!("{who:?}: {}", answer.body));
        assert_eq!(kinds(donor), ["directed_donation", "same_town"]);
        assert_eq!((&donor["village_code"], &donor["terms"][0]["amount_fen"]), (&json!(VILLAGE_A), &json!(20_000_000)));
        assert_eq!(kinds(of(&answer, "notice", &chamber).expect("the chamber")), ["chamber_of_town", "same_town"]);
        for other in [&last_year, &association] {
            assert!(of(&answer, "notice", other).is_none(), "{who:?}");
        }
        let without = answer["chambers_without"].as_array().expect("chambers");
        let is_told = who != VillageA;
        assert_eq!(without.iter().any(|one| one["organisation_id"] == json!(chamber)), is_told, "{who:?}");
    }
    let other_town = asked(app, TownB, &query).await;
    assert_eq!((&other_town["notice"], &other_town["chambers_without"]), (&json!([]), &json!([])));
    let own = asked(app, OrganisationA, &query).await;
    assert!(
        own["notice"].as_array().expect("a list").iter().all(|one| one["organisation_id"] == json!(app.world.organisation_a))
    );

    // A chamber is listed until it has a village of its town.
    let two = json!({ "campaign_id": campaign_id, "organisation_id": chamber, "village_code": VILLAGE_A });
    app.bureau().post("/pairings", two).await.is(201);
    let answer = asked(app, Bureau, &query).await;
    assert_eq!(answer["chambers_without"], json!([]));
    assert!(of(&answer, "notice", &chamber).is_none(), "who is paired is not recommended again");
});

both_databases!(who_has_no_place_left_is_not_recommended, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let donor = joins(app, &campaign_id, 46, "charity_association", Some("2020-01-15")).await;
    let query = format!("campaign_id={campaign_id}");
    let is_told = async || of(&asked(app, Bureau, &query).await, "notice", &donor).is_some();
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    app.bureau().post("/pairings", two).await.is(201);
    assert!(is_told().await, "a village that says nothing takes on as many as the campaign allows");
    let entered = app.bureau().get(&format!("/enrolments?campaign_id={campaign_id}&within={VILLAGE_A}")).await.is(200);
    let path = format!("/enrolments/{}", entered.items()[0]["id"].as_str().expect("an id"));
    for (places, expected) in [(1, false), (2, true)] {
        let now = app.village_a().get(&path).await.is(200);
        app.village_a().patch(&path, json!({ "places": places })).if_match(&now.etag()).await.is(200);
        assert_eq!(is_told().await, expected, "{places}");
    }
});

both_databases!(whoever_has_declined_is_not_recommended_again, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let donor = joins(app, &campaign_id, 46, "charity_association", Some("2020-01-15")).await;
    let query = format!("campaign_id={campaign_id}");
    assert!(of(&asked(app, Bureau, &query).await, "notice", &donor).is_some());
    let two = json!({ "campaign_id": campaign_id, "organisation_id": donor, "village_code": VILLAGE_A });
    let recommended = app.bureau().post("/pairings", two).await.is(201);
    let why = json!({ "note": "已有合作单位" });
    app.village_a().post(&format!("{}/decline", recommended.path()), why).await.is(200);
    for who in [Bureau, TownA, VillageA] {
        let answer = asked(app, who, &query).await;
        assert!(["notice", "fit"].iter().all(|list| of(&answer, list, &donor).is_none()), "{who:?}: {}", answer.body);
    }
});

both_databases!(old_bases_come_first_for_a_chamber, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let chamber = joins(app, &campaign_id, 45, "chamber", None).await;
    let base = "350582104205";
    let entered = app.bureau().post("/enrolments", json!({ "campaign_id": campaign_id, "village_code": base })).await.is(201);
    app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    let village = app.bureau().get(&format!("/villages/{base}")).await.is(200);
    app.bureau().patch(&village.path(), json!({ "old_base": true })).if_match(&village.etag()).await.is(200);
    let answer = asked(app, Bureau, &format!("campaign_id={campaign_id}")).await;
    let villages = &answer["chambers_without"][0]["villages"];
    assert_eq!((&villages[0]["village_code"], &villages[1]["village_code"]), (&json!(base), &json!(VILLAGE_A)));
    assert_eq!(kinds(&villages[0]), ["chamber_of_town", "old_base", "same_town"]);
    assert_eq!(of(&answer, "notice", &chamber).expect("the chamber")["village_code"], base);
});

both_databases!(needs_and_offers_fit_term_by_term_with_the_weights_of_the_campaign, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let needed = with(need(&campaign_id), "/urgency", json!("urgent"));
    publish(app, VillageA, needed).await;
    let offer = json!({
        "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "title": "修缮施工队", "goal": "infrastructure",
        "kind": "construction", "description": "可承担房屋修缮", "quantity": 3, "quantity_unit": "间", "urgency": "normal",
    });
    let offer = publish(app, OrganisationA, offer).await;
    let query = format!("campaign_id={campaign_id}");
    for who in [VillageA, OrganisationA, TownA] {
        let answer = asked(app, who, &query).await;
        let fit = of(&answer, "fit", &app.world.organisation_a.to_string()).unwrap_or_else(|| panic!("{who:?}: {}", answer.body));
        let found = kinds(fit);
        assert!(found.contains(&"goal") && found.contains(&"capacity") && found.contains(&"urgency"), "{found:?}");
        let term = |kind: &str| fit["terms"].as_array().expect("terms").iter().find(|term| term["kind"] == kind).cloned();
        let capacity = term("capacity").expect("the capacity");
        assert_eq!((&capacity["covered"], &capacity["needed"], &capacity["points"]), (&json!(3), &json!(10), &json!(18)));
        assert_eq!(
            (&term("goal").expect("a goal")["goals"], &term("urgency").expect("it is")["points"]),
            (&json!(["infrastructure"]), &json!(60))
        );
    }
    // Weights are settings of the campaign.
    let campaign = app.bureau().get(&format!("/campaigns/{campaign_id}")).await.is(200);
    let weights = json!({ "settings": { "match_weights": { "goal": 0, "capacity": 1000 } } });
    app.bureau().patch(&campaign.path(), weights).if_match(&campaign.etag()).await.is(200);
    let answer = asked(app, VillageA, &query).await;
    let fit = of(&answer, "fit", &app.world.organisation_a.to_string()).expect("it fits");
    assert!(!kinds(fit).contains(&"goal"));
    assert_eq!(
        fit["terms"].as_array().expect("terms").iter().find(|term| term["kind"] == "capacity").expect("it is")["points"],
        300
    );
    // What is offered no more counts no more.
    app.organisation_a().post(&format!("{}/withdraw", offer.path()), json!({ "note": "已另有安排" })).await.is(200);
    let answer = asked(app, VillageA, &query).await;
    let fit = of(&answer, "fit", &app.world.organisation_a.to_string()).map(kinds).unwrap_or_default();
    assert!(!fit.contains(&"capacity"));
});

both_databases!(nobody_is_recommended_what_is_not_theirs, async |app| {
    let campaign_id = enrolled(app, campaign()).await;
    let query = |more: &str| format!("/recommendations?campaign_id={campaign_id}{more}");
    let of_b = format!("&organisation_id={}", app.world.organisation_b);
    app.organisation_a().get(&query(&of_b)).await.fault("/organisation_id", "unknown");
    app.village_a().get(&query(&format!("&village_code={VILLAGE_B}"))).await.fault("/village_code", "unknown");
    app.town_a().get(&query(&format!("&village_code={VILLAGE_B}"))).await.fault("/village_code", "unknown");
    app.bureau().get(&query("&village_code=350582104205")).await.fault("/village_code", "not_enrolled");
    app.bureau().get(&query(&format!("&organisation_id={}", uuid::Uuid::nil()))).await.fault("/organisation_id", "not_enrolled");
    app.bureau().get("/recommendations").await.fault("/campaign_id", "required");
    app.bureau().get(&query(&format!("&village_code={VILLAGE_A}"))).await.is(200);
    app.bureau().get(&query(&of_b)).await.is(200);
});
