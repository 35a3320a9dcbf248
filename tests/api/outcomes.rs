//! Outcomes: recorded, confirmed, corrected, added up.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, op};
use super::campaigns::campaign_with_pairing;
use super::pairings::{PARTIES, active_pairing};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_outcomes"),
        op("export_outcomes"),
        op("create_outcome")
            .on(active_pairing)
            .body(|_, pairing| new_outcome(&pairing.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed),
        op("list_outcome_totals")
            .on(campaign_with_pairing)
            .query(|campaign| format!("campaign_id={}", campaign.id))
            .foreign(ValidationFailed),
        op("read_outcome").on(recorded_outcome).only(PARTIES).or(NotFound),
        op("update_outcome")
            .on(recorded_outcome)
            .body(|_, _| json!({ "quantity": 2 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("step_outcome")
            .on(recorded_outcome)
            .step("confirm")
            .reasons()
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(OrganisationA, Forbidden)]),
        op("list_outcome_history").on(recorded_outcome).only(PARTIES).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let pairing = app.active_village().await;
            app.town_a().post("/outcomes", new_outcome(&pairing.id())).await.is(201);
        })
    },
    walked: &["/outcomes?sort=-updated_at"],
    pages: &[("bureau", "/outcomes"), ("bureau", "/outcomes/{}"), ("town", "/outcomes/new"), ("town", "/outcomes")],
};

fn new_outcome(pairing_id: &str) -> Value {
    json!({ "pairing_id": pairing_id, "indicator": "jobs_offered", "quantity": 1, "happened_on": "2020-04-20" })
}

fn recorded_outcome(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let pairing = active_pairing(app, who).await;
        app.organisation_a().post("/outcomes", new_outcome(&pairing.id)).await.is(201).into()
    })
}

fn outcome(pairing: &Answer, indicator: &str, quantity: i64) -> Value {
    json!({ "pairing_id": pairing.id(), "indicator": indicator, "quantity": quantity, "happened_on": "2020-06-10" })
}

async fn totals(client: &Client, pairing: &Answer, filter: &str) -> Vec<(String, Value, i64)> {
    let campaign = pairing["campaign_id"].as_str().expect("an id");
    let answer = client.get(&format!("/outcomes/totals?campaign_id={campaign}{filter}")).await.is(200);
    let total = |total: &Value| {
        let indicator = total["indicator"].as_str().expect("a code").to_owned();
        (indicator, total["target"].clone(), total["actual"].as_i64().expect("a number"))
    };
    answer.body.as_array().expect("totals").iter().map(total).collect()
}

fn total(indicator: &str, target: Option<i64>, actual: i64) -> (String, Value, i64) {
    (indicator.to_owned(), json!(target), actual)
}

both_databases!(what_is_confirmed_counts_once, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    let (organisation, village) = (app.organisation_a(), app.village_a());
    let made = organisation.post("/outcomes", outcome(&pairing, "jobs_offered", 12)).await.is(201);
    assert_eq!((&made["state"], &made["goal"]), (&json!("recorded"), &json!("employment")));
    assert_eq!(made["allowed_actions"], json!(["withdraw"]));
    assert_eq!(totals(&village, &pairing, "").await, [total("jobs_offered", Some(500), 0)]);

    let step = async |client: &Client, outcome: &Answer, action: &str| {
        client.post(&format!("{}/{action}", outcome.path()), json!({ "note": "重复登记" })).await
    };
    step(&organisation, &made, "confirm").await.refused(Forbidden);
    let changed = organisation.patch(&made.path(), json!({ "quantity": 15 })).if_match(&made.etag()).await.is(200);
    let confirmed = step(&village, &made, "confirm").await.is(200);
    assert_eq!((&confirmed["state"], &confirmed["editable"]), (&json!("confirmed"), &json!(false)));
    let refused = organisation.patch(&made.path(), json!({ "quantity": 1 })).if_match(&confirmed.etag()).await;
    assert_eq!(refused.refused(IllegalStep)["state"], "confirmed");
    organisation.patch(&made.path(), json!({ "quantity": 1 })).if_match(&changed.etag()).await.refused(StaleVersion);
    assert_eq!(totals(&village, &pairing, "").await, [total("jobs_offered", Some(500), 15)]);

    // A correction replaces the corrected outcome when it is confirmed, not before.
    let correction = with(outcome(&pairing, "jobs_offered", 10), "/replaces_id", json!(made.id()));
    let correction = organisation.post("/outcomes", correction.clone()).await.is(201);
    let again = with(outcome(&pairing, "jobs_offered", 9), "/replaces_id", json!(made.id()));
    organisation.post("/outcomes", again.clone()).await.refused(AlreadyCorrected);
    assert_eq!(totals(&village, &pairing, "").await, [total("jobs_offered", Some(500), 15)]);
    step(&app.town_a(), &correction, "confirm").await.is(200);
    assert_eq!(village.get(&made.path()).await.is(200)["state"], "corrected");
    assert_eq!(totals(&village, &pairing, "").await, [total("jobs_offered", Some(500), 10)]);
    organisation.post("/outcomes", again).await.refused(IllegalStep);

    // A confirmed outcome that never happened is withdrawn by the town.
    step(&village, &correction, "withdraw").await.refused(IllegalStep);
    step(&app.town_a(), &correction, "withdraw").await.is(200);
    assert_eq!(totals(&village, &pairing, "").await, [total("jobs_offered", Some(500), 0)]);

    // Sums exceed 32 bits, and include only what the caller may see.
    for _ in 0..2 {
        let money = app.as_(OrganisationB).post("/outcomes", outcome(&other, "money_donated_fen", 3_000_000_000)).await.is(201);
        step(&app.town_b(), &money, "confirm").await.is(200);
    }
    let all = [total("money_donated_fen", None, 6_000_000_000), total("jobs_offered", Some(500), 0)];
    assert_eq!(totals(&app.bureau(), &pairing, "").await, all);
    assert_eq!(totals(&app.bureau(), &pairing, &format!("&within={TOWN_A}")).await, all[1..]);
    assert_eq!(totals(&app.town_a(), &pairing, "").await, all[1..]);
    assert_eq!(app.bureau().get("/outcomes?indicator=money_donated_fen&state=confirmed").await.is(200)["total"], 2);
    assert_eq!(app.town_a().get("/outcomes?waits_for_me=true").await.is(200)["total"], 0);
});

both_databases!(bad_outcomes_are_refused_at_their_field, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    let town = app.town_a();
    let foreign = json!({ "pairing_id": other.id(), "month": "2020-06", "content": "助学", "progress": "完成" });
    let foreign = app.town_b().post("/progress-updates", foreign).await.is(201);
    let project = app.as_(OrganisationB).post("/projects", project(&other.id())).await.is(201);
    let theirs = app.town_b().post("/outcomes", outcome(&other, "jobs_offered", 1)).await.is(201);
    let good = outcome(&pairing, "jobs_offered", 1);
    for (pointer, value, code) in [
        ("/quantity", json!(0), "range"),
        ("/quantity", json!(-5), "range"),
        ("/quantity", json!(1.5), "type"),
        ("/quantity", json!(1_000_000_000_001i64), "range"),
        ("/indicator", json!("applause"), "type"),
        ("/happened_on", json!("2020-06-26"), "future"),
        ("/happened_on", json!("2020-04-01"), "date_outside_campaign"),
        ("/happened_on", json!("2020-02-30"), "type"),
        ("/description", json!(" "), "blank"),
        ("/pairing_id", json!(other.id()), "unknown"),
        ("/progress_update_id", json!(foreign.id()), "unknown"),
        ("/project_id", json!(project.id()), "unknown"),
        ("/replaces_id", json!(theirs.id()), "unknown"),
        ("/state", json!("confirmed"), "unknown_field"),
    ] {
        town.post("/outcomes", with(good.clone(), pointer, value)).await.fault(pointer, code);
    }
    for (indicator, limits) in [("jobs_offered", "1 到 1000000000000"), ("money_donated_fen", "0.01 到 10000000000 元")] {
        let refused = town.post("/outcomes", outcome(&pairing, indicator, 0)).await.fault("/quantity", "range");
        assert_eq!(refused["errors"][0]["message"], format!("须在 {limits} 之间"), "money is typed in yuan");
    }
    town.post("/outcomes", with(good.clone(), "/happened_on", json!("2020-04-19"))).await.refused(PairingNotActive);
    app.bureau().post("/outcomes", good.clone()).await.refused(Forbidden);
    let made = town.post("/outcomes", good.clone()).await.is(201);
    town.post("/outcomes", with(good, "/replaces_id", json!(made.id()))).await.refused(IllegalStep);
    town.patch(&made.path(), json!({ "pairing_id": other.id() }))
        .if_match(&made.etag())
        .await
        .fault("/pairing_id", "unknown_field");
    for path in ["", "/history"] {
        town.get(&format!("{}{path}", theirs.path())).await.refused(NotFound);
    }
    town.post(&format!("{}/confirm", theirs.path()), json!({})).await.refused(NotFound);
    town.post(&format!("{}/withdraw", made.path()), json!({})).await.fault("/note", "required");
    town.get("/outcomes/totals").await.fault("/campaign_id", "required");
});

both_databases!(of_two_confirmations_at_once_one_counts, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    let made = app.organisation_a().post("/outcomes", outcome(&pairing, "jobs_offered", 1)).await.is(201);
    let town = app.town_a();
    let confirm = format!("{}/confirm", made.path());
    let calls = (0..10).map(|_| town.post(&confirm, json!({})).into_future());
    let won = join_all(calls).await.into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert_eq!(town.get(&format!("{}/history", made.path())).await.is(200)["total"], 2);
});
