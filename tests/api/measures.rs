//! The measures of a plan, month by month.

use contract::ErrorCode::*;
use serde_json::json;

use super::authorization::{Made, op};
use super::households::KEEPERS;
use super::plans::{HELPED, plan};
use super::work::waiting;
use super::{Domain, leaks};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_assistance_measures").tells(leaks::HELPS, leaks::PLANNED),
        op("export_assistance_measures").tells(leaks::HELPS, leaks::PLANNED),
        op("create_assistance_measure")
            .on(plan)
            .body(|_, plan| measure(&plan.id))
            .only(KEEPERS)
            .or(ValidationFailed)
            .tells(leaks::HELPS, leaks::PLANNED),
        op("read_assistance_measure").on(planned_measure).only(HELPED).or(NotFound).tells(leaks::HELPS, leaks::PLANNED),
        op("update_assistance_measure")
            .on(planned_measure)
            .body(|_, _| json!({ "month": "2020-07" }))
            .only(KEEPERS)
            .or(NotFound)
            .tells(leaks::HELPS, leaks::PLANNED),
        op("step_assistance_measure")
            .on(planned_measure)
            .step("drop")
            .body(|_, _| json!({ "note": "改由镇里办理" }))
            .only(KEEPERS)
            .or(NotFound)
            .tells(leaks::HELPS, leaks::PLANNED),
        op("list_assistance_measure_history").on(planned_measure).only(HELPED).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let plan = app.first("/assistance-plans").await;
            app.village_a().post("/assistance-measures", measure(&plan.id())).await.is(201);
        })
    },
    walked: &["/assistance-measures?sort=month", "/assistance-measures?sort=-updated_at"],
    pages: &[
        ("bureau", "/assistance-measures"),
        ("bureau", "/assistance-measures/{}"),
        ("village", "/assistance-plans/{}/measures/new"),
        ("village", "/assistance-measures"),
        ("village", "/assistance-measures/{}"),
        ("village", "/assistance-measures/{}/edit"),
    ],
};

fn planned_measure(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let plan = plan(app, who).await;
        app.village_a().post("/assistance-measures", measure(&plan.id)).await.is(201).into()
    })
}

both_databases!(a_measure_waits_for_its_side_from_the_first_of_its_month, async |app| {
    let (_, _, plan, _) = app.planned().await;
    app.village_a().post(&format!("{}/agree", plan.path()), json!({ "agreed_by": "许清水" })).await.is(200);
    for (at, waits) in [("2020-05-31T15:59:59Z", 0), ("2020-05-31T16:00:00Z", 1), ("2020-06-30T16:00:00Z", 1)] {
        app.clock.set(instant(at));
        assert_eq!(app.organisation_a().get("/assistance-measures?waits_for_me=true").await.is(200)["total"], waits, "{at}");
    }
});

both_databases!(measures_wait_for_their_side_and_records_for_the_committee, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let (organisation, village, town) = (app.organisation_a(), app.village_a(), app.town_a());
    let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
    let plan = village.post("/assistance-plans", plan).await.is(201);
    let own = with(measure(&plan.id()), "/month", json!("2020-04"));
    let made = village.post("/assistance-measures", own.clone()).await.is(201);
    village.post("/assistance-measures", measure(&plan.id())).await.is(201);
    village.post("/assistance-measures", with(own, "/responsible", json!("family"))).await.is(201);
    let count = async |client: &Client, kind: &str| waiting(client).await.get(kind).copied().unwrap_or_default();
    assert_eq!(count(&organisation, "carry_out_measures").await, 0, "not agreed with the family yet");
    village.post(&format!("{}/agree", plan.path()), json!({ "agreed_by": "户主" })).await.is(200);
    assert_eq!(count(&organisation, "carry_out_measures").await, 1, "June's is not due in April");
    assert_eq!(count(&village, "carry_out_measures").await, 1);
    assert_eq!(count(&town, "carry_out_measures").await, 0);
    let record = with(gift(&family.id()), "/measure_id", json!(made.id()));
    let record = organisation.post("/assistance-records", record).await.is(201);
    for (client, confirms) in [(&village, 1), (&town, 1), (&organisation, 0), (&app.as_(VillageB), 0)] {
        assert_eq!(count(client, "confirm_records").await, confirms);
    }
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    assert_eq!(count(&village, "confirm_records").await, 0);
    assert_eq!(count(&organisation, "carry_out_measures").await, 0, "fulfilled");
    app.clock.set(instant("2020-06-01T01:00:00Z"));
    assert_eq!(count(&organisation, "carry_out_measures").await, 1);
});
