//! What pairings and help take of the catalogue, as projects do: it is conserved, goes over, and tells nobody of a family.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::catalogue::{amounts, need, offer, publish};
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// A need of village A that help can fulfil.
fn parcels(campaign_id: &str) -> Value {
    let goods = with(with(need(campaign_id), "/goal", json!("low_income_aid")), "/kind", json!("goods"));
    with(with(goods, "/title", json!("困难家庭爱心包裹")), "/quantity_unit", json!("份"))
}

/// A gift that fulfils some of an entry.
fn giving(family: &Answer, entry: &Answer, quantity: i64) -> Value {
    let gift = with(with(gift(&family.id()), "/entry_id", json!(entry.id())), "/entry_quantity", json!(quantity));
    with(gift, "/not_a_double", json!(true))
}

async fn now(app: &TestApp, entry: &Answer) -> [i64; 4] {
    amounts(&app.bureau().get(&entry.path()).await.is(200))
}

async fn step(app: &TestApp, who: Who, of: &Answer, action: &str) -> Answer {
    app.as_(who).post(&format!("{}/{action}", of.path()), json!({ "note": "与实际不符", "not_a_double": true })).await
}

/// The pairing of village A and organisation A that is to take this much of an entry.
async fn proposing(app: &TestApp, campaign_id: &str, entry: &Answer, quantity: i64) -> Answer {
    let two = json!({
        "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A,
        "commitments": [{ "entry_id": entry.id(), "quantity": quantity }],
    });
    app.organisation_a().post("/pairings", two).await
}

both_databases!(help_fulfils_a_need_and_its_correction_takes_its_place, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let entry = publish(app, VillageA, parcels(campaign_id)).await;
    let organisation = app.organisation_a();
    let send = async |record: Value| organisation.post("/assistance-records", record).await;

    let made = send(giving(&family, &entry, 4)).await.is(201);
    assert_eq!((&made["entry_title"], &made["entry_unit"]), (&json!("困难家庭爱心包裹"), &json!("份")));
    assert_eq!(now(app, &entry).await, [4, 0, 0, 6]);
    send(giving(&family, &entry, 7)).await.fault("/entry_quantity", "exceeds_remaining");
    let unsaid = with(giving(&family, &entry, 1), "/entry_quantity", Value::Null);
    send(unsaid).await.fault("/entry_quantity", "required");
    let roof = publish(app, VillageA, need(campaign_id)).await;
    send(giving(&family, &roof, 1)).await.fault("/entry_id", "other_goal");
    let foreign = publish(app, VillageB, with(parcels(campaign_id), "/village_code", json!(VILLAGE_B))).await;
    send(giving(&family, &foreign, 1)).await.fault("/entry_id", "not_of_pairing");
    let listed = app.bureau().get("/assistance-records").await.is(200);
    assert_eq!(listed.items()[0]["entry_quantity"], 4);

    let more = organisation.patch(&made.path(), json!({ "entry_quantity": 6 })).if_match(&made.etag()).await.is(200);
    assert_eq!((&more["entry_quantity"], now(app, &entry).await), (&json!(6), [6, 0, 0, 4]));
    let other_kind = organisation.patch(&made.path(), json!({ "kind": "employment" })).if_match(&more.etag()).await;
    other_kind.fault("/entry_id", "other_goal");
    step(app, VillageA, &made, "confirm").await.is(200);
    assert_eq!(now(app, &entry).await, [0, 0, 6, 4]);

    // A correction keeps the entry, and counts when it is confirmed: by then somebody else may have taken the rest.
    let correction = |of: &Answer, quantity: i64| {
        let gift = with(gift(&family.id()), "/corrects_id", json!(of.id()));
        with(gift, "/entry_quantity", json!(quantity))
    };
    let second = send(correction(&made, 8)).await.is(201);
    assert_eq!((&second["entry_id"], now(app, &entry).await), (&json!(entry.id()), [0, 0, 6, 4]));
    let own = app.village_a().post("/assistance-records", giving(&family, &entry, 3)).await.is(201);
    assert!(own["pairing_id"].is_null());
    assert_eq!(now(app, &entry).await, [3, 0, 6, 1]);
    step(app, VillageA, &second, "confirm").await.refused(EntryExceeded);
    step(app, VillageA, &own, "reject").await.is(200);
    step(app, VillageA, &second, "confirm").await.is(200);
    assert_eq!(now(app, &entry).await, [0, 0, 8, 2]);
    let third = send(correction(&second, 10)).await.is(201);
    step(app, VillageA, &third, "confirm").await.is(200);
    assert_eq!(app.bureau().get(&entry.path()).await.is(200)["state"], "fulfilled");
    let last = send(correction(&third, 1)).await.is(201);
    step(app, VillageA, &last, "confirm").await.is(200);
    assert_eq!((now(app, &entry).await, &app.bureau().get(&entry.path()).await["state"]), ([0, 0, 1, 9], &json!("published")));
    // A correction that says so gives it back.
    let mut none = with(gift(&family.id()), "/corrects_id", json!(last.id()));
    none["entry_id"] = Value::Null;
    let none = send(none).await.is(201);
    step(app, VillageA, &none, "confirm").await.is(200);
    assert_eq!((&none["entry_id"], now(app, &entry).await), (&Value::Null, [0, 0, 0, 10]));
});

both_databases!(a_pairing_sets_aside_what_its_projects_take_and_gives_back_the_rest, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let entry = publish(app, VillageA, need(&campaign_id)).await;
    let bureau = app.bureau();
    proposing(app, &campaign_id, &entry, 11).await.fault("/commitments/0/quantity", "exceeds_remaining");
    let refused = proposing(app, &campaign_id, &entry, 6).await.is(201);
    assert_eq!(now(app, &entry).await, [6, 0, 0, 4]);
    let history = bureau.get(&format!("{}/history", refused.path())).await.is(200);
    assert!(history.items()[0]["changes"].to_string().contains("commitments"));
    step(app, VillageA, &refused, "withdraw").await;
    app.village_a().post(&format!("{}/decline", refused.path()), json!({ "note": "另有安排" })).await.is(200);
    assert_eq!(now(app, &entry).await, [0, 0, 0, 10]);

    let pairing = proposing(app, &campaign_id, &entry, 6).await.is(201);
    app.village_a().post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    bureau.post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    assert_eq!(now(app, &entry).await, [0, 6, 0, 4]);
    app.activate(&pairing.id(), "2020-04-18").await;
    let held = async || {
        let taken = bureau.get(&format!("{}/commitments", pairing.path())).await.is(200);
        taken["items"].as_array().expect("items").first().map(|entry| entry["quantity"].as_i64().expect("a quantity"))
    };
    assert_eq!(held().await, Some(6));
    let takes = |quantity: i64| json!([{ "entry_id": entry.id(), "quantity": quantity }]);
    let made = app.organisation_a().post("/projects", with(project(&pairing.id()), "/commitments", takes(4))).await.is(201);
    assert_eq!((held().await, now(app, &entry).await), (Some(2), [4, 2, 0, 4]));
    let patch = json!({ "commitments": takes(5) });
    app.organisation_a().patch(&made.path(), patch).if_match(&made.etag()).await.is(200);
    assert_eq!((held().await, now(app, &entry).await), (Some(1), [5, 1, 0, 4]));
    let shown = bureau.get(&format!("{}/commitments", entry.path())).await.is(200);
    let kinds: Vec<_> = shown["items"].as_array().expect("items").iter().map(|item| item["object_type"].clone()).collect();
    assert_eq!(kinds, ["projects", "pairings"]);
    bureau.post(&format!("{}/cancel", made.path()), json!({ "note": "条件不具备" })).await.is(200);
    assert_eq!(now(app, &entry).await, [0, 1, 0, 9]);
    bureau.post(&format!("{}/complete", pairing.path()), json!({})).await.is(200);
    assert_eq!(now(app, &entry).await, [0, 0, 1, 9]);
});

both_databases!(a_pairing_that_ends_early_sets_nothing_aside, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let entry = publish(app, VillageA, need(&campaign_id)).await;
    let pairing = proposing(app, &campaign_id, &entry, 6).await.is(201);
    app.village_a().post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/terminate", pairing.path()), json!({ "note": "双方商定" })).await.is(200);
    assert_eq!(now(app, &entry).await, [0, 0, 0, 10]);
    let double = json!([{ "entry_id": entry.id(), "quantity": 1 }, { "entry_id": entry.id(), "quantity": 1 }]);
    let two = json!({
        "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A,
        "commitments": double,
    });
    app.organisation_a().post("/pairings", two).await.fault("/commitments/1/entry_id", "duplicate");
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let with_family = json!({
        "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": family.id(),
        "commitments": [{ "entry_id": entry.id(), "quantity": 1 }],
    });
    app.village_a().post("/pairings", with_family).await.fault("/commitments", "not_with_household");
});

both_databases!(the_last_of_an_offer_goes_to_a_project_or_to_a_family_but_never_to_both, async |app| {
    let village = app.active(campaign(), "2020-04-18").await;
    let campaign_id = village["campaign_id"].as_str().expect("an id");
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.helps(campaign_id, &family.id()).await;
    let entry = publish(app, OrganisationA, with(offer(app, campaign_id), "/goal", json!("low_income_aid"))).await;
    let taken = json!([{ "entry_id": entry.id(), "quantity": 1 }]);
    let planned = with(project(&village.id()), "/commitments", taken);
    let organisation = app.organisation_a();
    let calls = (0..8).map(|n| match n % 2 {
        0 => organisation.post("/projects", planned.clone()),
        _ => organisation.post("/assistance-records", giving(&family, &entry, 1)),
    });
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert_eq!(now(app, &entry).await, [1, 0, 0, 0]);
});

both_databases!(who_takes_what_is_told_to_those_who_may_know_it_and_else_in_one_sum, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let entry = publish(app, VillageA, parcels(pairing["campaign_id"].as_str().expect("an id"))).await;
    let made = app.organisation_a().post("/assistance-records", giving(&family, &entry, 4)).await.is(201);
    let path = format!("{}/commitments", entry.path());
    let seen = async |who: Who| app.as_(who).get(&path).await.is(200);
    for who in [Bureau, TownA, VillageA, OrganisationA, LeadingGroup, TownB, VillageB, OrganisationB] {
        let knows = app.as_(who).get(&made.path()).await.status == 200;
        let taken = seen(who).await;
        let items = taken["items"].as_array().expect("items");
        assert_eq!((items.len() == 1, &taken["others_requested"]), (knows, &json!(if knows { 0 } else { 4 })), "{who:?}");
        let told = taken.body.to_string();
        for secret in [family.id(), family["file_number"].as_str().expect("a number").to_owned(), "许".to_owned()] {
            assert!(!told.contains(&secret), "{who:?}: {told}");
        }
        assert_eq!(told.contains(&made.id()), knows, "{who:?}");
    }
    app.as_(OtherBureau).get(&path).await.refused(NotFound);
});
