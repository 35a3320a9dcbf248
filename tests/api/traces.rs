//! Reading and refusals leave events: few rows, however often somebody asks.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// The events of an action, earliest first, as auditors see them.
async fn trail(app: &TestApp, query: &str) -> Vec<Value> {
    app.as_(Who::Auditor).get(&format!("/audit-events?{query}&sort=at&limit=200")).await.is(200).items().to_vec()
}

/// The value of a field in an event.
fn said(entry: &Value, field: &str) -> Value {
    let changes = entry["changes"].as_array().expect("changes");
    changes.iter().find(|change| change["field"] == field).map_or(Value::Null, |change| change["to"].clone())
}

both_databases!(who_reads_visits_is_in_the_trail_once_an_hour, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let other = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let visits = format!("{}/visits", family.path());
    app.bureau().get(&visits).await.is(200);
    assert_eq!(trail(app, "action=read_visits").await.len(), 0, "there was nothing to read");
    for file in [&family, &other] {
        app.village_a().post(&format!("{}/visits", file.path()), visit()).await.is(201);
    }
    for _ in 0..3 {
        app.bureau().get(&visits).await.is(200);
        app.town_a().get(&visits).await.is(200);
    }
    app.bureau().get(&format!("{}/visits", other.path())).await.is(200);
    app.as_(Who::OtherBureau).get(&visits).await.refused(NotFound);
    app.clock.set(instant(NOW) + chrono::TimeDelta::minutes(59));
    app.bureau().get(&visits).await.is(200);
    let read: Vec<_> = trail(app, "action=read_visits").await;
    let seen: Vec<_> =
        read.iter().map(|entry| (entry["actor_role"].as_str().unwrap(), entry["object_id"].as_str().unwrap())).collect();
    let (family_id, other_id) = (family.id(), other.id());
    assert_eq!(seen, [("bureau", &*family_id), ("town", &family_id), ("bureau", &other_id)]);
    app.clock.set(instant(NOW) + chrono::TimeDelta::minutes(60));
    app.bureau().get(&visits).await.is(200);
    assert_eq!(trail(app, "action=read_visits").await.len(), 4);
    // Those who keep the file see who has read it.
    let history = app.village_a().get(&format!("{}/history", family.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "read_visits");
});

both_databases!(who_is_refused_is_in_the_trail_and_a_flood_of_it_is_a_few_rows, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let fields = [("object_type", "households"), ("object_id", &*family.id())];
    let card = app.village_a().upload("/attachments", &fields, ("a.pdf", "application/pdf", PDF)).await.is(201);
    let reveal = format!("{}/reveal", family.path());
    let purpose = || json!({ "purpose": "visit" });
    // A role that may not read it, somebody of another town, and somebody who has read too much.
    app.organisation_a().post(&reveal, purpose()).await.refused(Forbidden);
    let elsewhere = app.as_(Who::VillageB);
    let flood = join_all((0..120).map(|_| elsewhere.get(&family.path()).into_future())).await;
    assert!(flood.iter().all(|answer| answer.status == 404));
    elsewhere.get("/campaigns/0190a000-0000-7000-8000-000000000000").await.refused(NotFound);
    // What belongs to a family is as inaccessible as its file.
    elsewhere.get(&pairing.path()).await.refused(NotFound);
    elsewhere.get(&card.path()).await.refused(NotFound);
    elsewhere.get(&format!("/attachments?object_type=households&object_id={}", family.id())).await.refused(NotFound);
    app.as_(Who::VillageA)
        .patch("/villages/350582110201", json!({ "resources": "龙眼" }))
        .if_match("\"1\"")
        .await
        .refused(OutsideOwnScope);
    for _ in 0..60 {
        app.bureau().post(&reveal, purpose()).await.is(200);
    }
    for _ in 0..3 {
        app.bureau().post(&reveal, purpose()).await.refused(TooManyRequests);
    }
    let refused = trail(app, "action=access&outcome=refused").await;
    let told: Vec<_> = refused
        .iter()
        .map(|entry| {
            let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
            let operation = text(said(entry, "operation"));
            (
                text(entry["actor_name"].clone()),
                operation,
                text(said(entry, "refused_because")),
                said(entry, "times").as_u64().unwrap(),
            )
        })
        .collect();
    let told: Vec<_> = told.iter().map(|(who, operation, why, times)| (&**who, &**operation, &**why, *times)).collect();
    let (read, reveals) = ("GET /households/{id}", "POST /households/{id}/reveal");
    let mut expected = vec![
        ("OrganisationA", reveals, "forbidden", 1),
        ("VillageB", read, "not_found", 1),
        ("VillageB", read, "not_found", 10),
        ("VillageB", read, "not_found", 100),
        ("VillageB", "GET /pairings/{id}", "not_found", 1),
        ("VillageB", "GET /attachments/{id}", "not_found", 1),
        ("VillageB", "GET /attachments", "not_found", 1),
        ("VillageA", "PATCH /villages/{code}", "outside_own_scope", 1),
        ("Bureau", reveals, "too_many_requests", 1),
    ];
    let mut told = told;
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    let of_family = refused.iter().filter(|entry| entry["object_type"] == "households");
    assert!(of_family.into_iter().all(|entry| entry["object_id"] == *family.id()));
    // After an hour the count begins anew.
    app.clock.set(instant(NOW) + chrono::TimeDelta::hours(1));
    elsewhere.get(&family.path()).await.refused(NotFound);
    assert_eq!(trail(app, "action=access&outcome=refused").await.len(), 10);
});
