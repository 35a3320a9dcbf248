//! Progress updates: once for each month in which a pairing is active.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, next_campaign, op};
use super::pairings::{PARTIES, active_pairing};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_progress_updates"),
        op("export_progress_updates"),
        op("create_progress_update")
            .on(active_pairing)
            .body(
                |_, pairing| json!({ "pairing_id": pairing.id, "month": "2020-04", "content": "助学", "progress": "已走访12户" }),
            )
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed),
        op("read_progress_update").on(progress).only(PARTIES).or(NotFound),
        op("update_progress_update")
            .on(progress)
            .body(|_, _| json!({ "progress": "已走访15户" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("list_progress_update_history").on(progress).only(PARTIES).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let written = with(update(&app.active_village().await, "2020-04"), "/progress", json!("已走访12户"));
            app.town_a().post("/progress-updates", written).await.is(201);
        })
    },
    walked: &["/progress-updates?sort=-updated_at"],
    pages: &[
        ("bureau", "/progress-updates"),
        ("bureau", "/progress-updates/{}"),
        ("town", "/progress-updates/new"),
        ("town", "/progress-updates"),
        ("town", "/progress-updates/{}/edit"),
    ],
};

fn progress(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.progress(next_campaign()).await.into() })
}

fn update(pairing: &Answer, month: &str) -> Value {
    json!({ "pairing_id": pairing.id(), "month": month, "content": "为3户困难家庭发放助学金", "progress": "已发放2户" })
}

both_databases!(progress_is_written_once_for_a_month, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    let june = update(&pairing, "2020-06");
    let made = app.organisation_a().post("/progress-updates", june.clone()).await.is(201);
    assert_eq!(made["month"], "2020-06");
    assert_eq!(made["village_name"], "永湖村委会");
    assert_eq!(made["town_code"], TOWN_A);
    assert_eq!(made["editable"], true);
    app.village_a().post("/progress-updates", june.clone()).await.refused(ProgressExists);
    app.village_a().post("/progress-updates", update(&pairing, "2020-05")).await.is(201);
    app.town_a().post("/progress-updates", update(&pairing, "2020-04")).await.is(201);

    let bureau = app.bureau();
    bureau.post("/progress-updates", june.clone()).await.refused(Forbidden);
    assert_eq!(bureau.get(&made.path()).await.is(200)["editable"], false);
    assert_eq!(bureau.walk("/progress-updates?sort=month", 1).await.len(), 3);
    let only = |filter: &str| format!("/progress-updates?{filter}");
    assert_eq!(bureau.get(&only("month=2020-06")).await.is(200)["total"], 1);
    assert_eq!(bureau.get(&only(&format!("within={TOWN_B}"))).await.is(200)["total"], 0);
    assert_eq!(bureau.get(&only(&format!("pairing_id={}&q=助学金", pairing.id()))).await.is(200)["total"], 3);
    bureau.get(&only("month=2020-13")).await.fault("/month", "type");

    // Objects outside the caller's scope do not exist for the caller.
    let town_b = app.town_b();
    town_b.get(&made.path()).await.refused(NotFound);
    town_b.get(&format!("{}/history", made.path())).await.refused(NotFound);
    town_b.patch(&made.path(), json!({ "progress": "改" })).if_match(&made.etag()).await.refused(NotFound);
    assert_eq!(town_b.get("/progress-updates").await.is(200)["total"], 0);
    town_b.post("/progress-updates", june).await.fault("/pairing_id", "unknown");
});

both_databases!(bad_progress_is_refused_at_its_field, async |app| {
    let proposed = app.proposed(campaign()).await;
    let town = app.town_a();
    town.post("/progress-updates", update(&proposed, "2020-04")).await.refused(PairingNotActive);
    app.village_a().post(&format!("{}/accept", proposed.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", proposed.path()), json!({})).await.is(200);
    app.activate(&proposed.id(), "2020-04-20").await;

    let good = update(&proposed, "2020-04");
    for (pointer, value, code) in [
        ("/month", json!("2020-05"), "future"),
        ("/month", json!("2020-03"), "date_outside_campaign"),
        ("/month", json!("2021-01"), "date_outside_campaign"),
        ("/month", json!("2020-4"), "type"),
        ("/month", json!(null), "required"),
        ("/content", json!("  "), "blank"),
        ("/content", json!("字".repeat(2001)), "length"),
        ("/progress", json!(""), "length"),
        ("/progress", json!("\u{1}"), "control_character"),
        ("/pairing_id", json!("0190a000-0000-7000-8000-000000000000"), "unknown"),
        ("/state", json!("x"), "unknown_field"),
    ] {
        town.post("/progress-updates", with(good.clone(), pointer, value)).await.fault(pointer, code);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM progress_updates").await, 0);

    let made = town.post("/progress-updates", good).await.is(201);
    let change = json!({ "progress": "全部发放完毕" });
    town.patch(&made.path(), change.clone()).await.refused(PreconditionRequired);
    town.patch(&made.path(), json!({ "month": "2020-05" })).if_match(&made.etag()).await.fault("/month", "unknown_field");
    town.patch(&made.path(), json!({ "content": null })).if_match(&made.etag()).await.fault("/content", "required");
    let changed = town.patch(&made.path(), change.clone()).if_match(&made.etag()).await.is(200);
    assert_eq!((&changed["progress"], &changed["version"]), (&json!("全部发放完毕"), &json!(2)));
    town.patch(&made.path(), change).if_match(&made.etag()).await.refused(StaleVersion);
    let history = town.get(&format!("{}/history", made.path())).await.is(200);
    assert_eq!(history["total"], 2);
    assert_eq!(history.items()[0]["changes"][0]["field"], "progress");
});

both_databases!(a_pairing_that_is_over_still_has_the_months_it_was_active_in, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-02"));
    let ended = app.bureau().post(&format!("{}/complete", pairing.path()), json!({})).await.is(200);
    assert_eq!(ended["ended_on"], "2020-07-02");
    app.clock.set(noon("2020-08-03"));
    app.organisation_a().post("/progress-updates", update(&pairing, "2020-07")).await.is(201);
    app.organisation_a().post("/progress-updates", update(&pairing, "2020-06")).await.is(201);
    app.organisation_a().post("/progress-updates", update(&pairing, "2020-08")).await.refused(PairingNotActive);
});

both_databases!(of_ten_updates_of_a_month_at_once_one_is_kept, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let client = app.organisation_a();
    let calls = (0..10).map(|_| client.post("/progress-updates", update(&pairing, "2020-04")).into_future());
    let (made, refused): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 9));
    for answer in refused {
        answer.refused(ProgressExists);
    }
});
