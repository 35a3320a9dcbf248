//! Plans: what is agreed with a family for the year.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, next_number, op};
use super::households::KEEPERS;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may see the plan of a family that organisation A helps.
pub const HELPED: &[Who] = &[Bureau, TownA, VillageA, OrganisationA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_assistance_plans"),
        op("export_assistance_plans"),
        op("create_assistance_plan")
            .on(family_to_plan_for)
            .body(|_, family| family.body.clone())
            .only(KEEPERS)
            .or(ValidationFailed),
        op("read_assistance_plan").on(plan).only(HELPED).or(NotFound),
        op("step_assistance_plan").on(plan).step("close").body(|_, _| json!({ "note": "已脱困" })).only(KEEPERS).or(NotFound),
        op("list_assistance_plan_history").on(plan).only(HELPED).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let (pairing, family) = (app.active_village().await, app.first("/households").await);
            let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
            app.village_a().post("/assistance-plans", plan).await.is(201);
        })
    },
    walked: &["/assistance-plans?sort=-updated_at"],
    pages: &[
        ("bureau", "/assistance-plans"),
        ("bureau", "/assistance-plans/{}"),
        ("village", "/assistance-plans"),
        ("village", "/assistance-plans/new"),
        ("village", "/assistance-plans/{}"),
    ],
};

/// A household that organisation A helps. The body is a plan for it.
fn family_to_plan_for(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (family, pairing) = app.helped(next_campaign(), next_number()).await;
        let body = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
        Target { body, ..Target::at(family.path()) }
    })
}

pub fn plan(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let family = family_to_plan_for(app, who).await;
        app.village_a().post("/assistance-plans", family.body).await.is(201).into()
    })
}

both_databases!(a_plan_is_agreed_with_the_family_and_fulfilled_by_records, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let village = app.village_a();
    let input = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
    let calls = (0..6).map(|_| village.post("/assistance-plans", input.clone()).into_future());
    let (made, refused): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 5));
    let plan = &made[0];
    let step = async |client: &Client, record: &Answer, action: &str, body: Value| {
        client.post(&format!("{}/{action}", record.path()), body).await
    };
    let agreed = json!({ "agreed_by": "许清水", "agreed_on": "2020-04-20" });
    step(&village, plan, "agree", agreed.clone()).await.refused(MeasuresMissing);
    for (pointer, value, code) in [
        ("/month", json!("2019-06"), "date_outside_campaign"),
        ("/member_id", json!(family.id()), "unknown"),
        ("/pairing_id", json!(family.id()), "unknown"),
        ("/amount_fen", json!(-5), "range"),
    ] {
        village.post("/assistance-measures", with(measure(&plan.id()), pointer, value)).await.fault(pointer, code);
    }
    let other = with(measure(&plan.id()), "/responsible", json!("village"));
    let other = with(other, "/pairing_id", json!(pairing.id()));
    village.post("/assistance-measures", other).await.fault("/pairing_id", "not_for_side");
    let due = with(measure(&plan.id()), "/member_id", family["members"][1]["id"].clone());
    let due = village.post("/assistance-measures", with(due, "/month", json!("2020-04"))).await.is(201);
    assert_eq!((&due["member_name"], &due["state"], &due["editable"]), (&json!("许**"), &json!("planned"), &json!(true)));
    let later = village.post("/assistance-measures", measure(&plan.id())).await.is(201);
    village.patch(&later.path(), json!({ "month": "2020-07" })).if_match(&later.etag()).await.is(200);
    step(&village, plan, "agree", json!({})).await.fault("/agreed_by", "required");
    step(&village, plan, "agree", json!({ "agreed_by": "许清水", "agreed_on": "2020-04-21" }))
        .await
        .fault("/agreed_on", "future");
    let told = step(&village, plan, "agree", agreed).await.is(200);
    assert_eq!((&told["state"], &told["agreed_by"], &told["measures_total"]), (&json!("agreed"), &json!("许**"), &json!(2)));

    // Once a plan is agreed, measures are added and dropped with reasons, not rewritten.
    let now = village.get(&later.path()).await.is(200);
    village.patch(&later.path(), json!({ "month": "2020-08" })).if_match(&now.etag()).await.refused(IllegalStep);
    step(&village, &later, "drop", json!({})).await.fault("/note", "required");
    assert_eq!(step(&village, &later, "drop", json!({ "note": "改由镇里办理" })).await.is(200)["state"], "dropped");

    // The organisation sees what waits for it. Its help fulfils the measure once it is confirmed.
    let organisation = app.organisation_a();
    let waiting = async || organisation.get("/assistance-measures?waits_for_me=true").await.is(200)["total"].clone();
    assert_eq!(waiting().await, 1);
    let record = with(gift(&family.id()), "/measure_id", json!(due.id()));
    let record = organisation.post("/assistance-records", with(record, "/kind", json!("schooling"))).await.is(201);
    assert_eq!(village.get(&due.path()).await.is(200)["state"], "planned");
    step(&village, &record, "confirm", json!({})).await.is(200);
    let done = village.get(&due.path()).await.is(200);
    assert_eq!((&done["state"], &done["records"], &done["given_fen"]), (&json!("fulfilled"), &json!(1), &json!(200_000)));
    assert_eq!(waiting().await, 0);
    step(&village, &due, "drop", json!({ "note": "重复" })).await.refused(IllegalStep);
    assert_eq!(village.get("/assistance-measures?state=fulfilled").await.is(200)["total"], 1);
    let plan = village.get(&plan.path()).await.is(200);
    assert_eq!((&plan["measures_total"], &plan["measures_fulfilled"]), (&json!(1), &json!(1)));
    step(&village, &plan, "close", json!({ "note": "措施均已落实" })).await.is(200);
    let closed = village.post("/assistance-measures", measure(&plan.id())).await.refused(IllegalStep);
    assert_eq!(closed["state"], "closed");
    let kept = app.bytes_written().await;
    assert!(!kept.windows(12).any(|window| window == "许小荷学".as_bytes()), "what is planned is on the disk");
});
