//! Enrolments: villages and organisations enter a campaign.

use contract::ErrorCode::*;
use serde_json::json;

use super::Domain;
use super::authorization::{Made, op};
use super::campaigns::campaign_just_opened;
use super::races::{at_once, reasons, step};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read the application of village A.
const APPLICATION: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, Auditor];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_enrolments"),
        op("export_enrolments"),
        op("create_enrolment")
            .on(campaign_just_opened)
            .body(|_, campaign| json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A }))
            .only(&[Bureau, TownA, VillageA])
            .foreign(ValidationFailed),
        op("read_enrolment").on(application).only(APPLICATION).or(NotFound),
        op("list_enrolment_history").on(application).only(APPLICATION).or(NotFound),
        op("update_enrolment").on(application).body(|_, _| json!({ "places": 2 })).only(&[Bureau, TownA, VillageA]).or(NotFound),
        op("step_enrolment")
            .on(application)
            .step("confirm")
            .reasons()
            .only(&[Bureau])
            .or(NotFound)
            .but(&[(TownA, Forbidden), (VillageA, Forbidden)]),
        op("step_enrolment")
            .on(application)
            .step("withdraw")
            .reasons()
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_enrolment")
            .on(confirmed_application)
            .step("withdraw")
            .reasons()
            .only(&[TownA, VillageA])
            .but(&[(Bureau, Forbidden)]),
    ],
    pages: &[
        ("bureau", "/enrolments"),
        ("bureau", "/enrolments/new"),
        ("bureau", "/enrolments/{}"),
        ("bureau", "/enrolments/{}/edit"),
    ],
    walked: &["/enrolments?sort=-updated_at"],
    ..Domain::EMPTY
};

/// An unconfirmed application of village A.
fn application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_just_opened(app, who).await;
        let village = json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A });
        app.village_a().post("/enrolments", village).await.is(201).into()
    })
}

/// The same, confirmed, so that everybody in the county may read it.
fn confirmed_application(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let application = application(app, who).await;
        app.bureau().post(&format!("{}/confirm", application.path), json!({})).await.is(200);
        application
    })
}

both_databases!(one_enters_once_and_is_decided_on_once, async |app| {
    let campaign = app.open_campaign().await;
    let (village, town, bureau) = (app.village_a(), app.town_a(), app.bureau());
    let body = json!({ "campaign_id": campaign.id(), "village_code": VILLAGE_A });
    let clients = [&village, &town, &bureau];
    let (mut won, lost) = at_once((0..9).map(|n| clients[n % 3].post("/enrolments", body.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 8));
    lost.into_iter().for_each(|answer| drop(answer.refused(AlreadyEnrolled)));
    let entered = won.remove(0);
    let (won, lost) = at_once((0..8).map(|n| step(&bureau, &entered, if n % 2 == 0 { "confirm" } else { "decline" }))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], won[0]["state"]);
    }
});

both_databases!(nobody_leaves_a_campaign_in_which_they_are_being_paired, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let village = app.village_a();
    let entries = village.get(&format!("/enrolments?campaign_id={campaign_id}&kind=village")).await.is(200);
    let leave = format!("/enrolments/{}/withdraw", entries.items()[0]["id"].as_str().expect("an id"));
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    let organisation = app.organisation_a();
    let calls =
        (0..8).map(|n| if n % 2 == 0 { organisation.post("/pairings", two.clone()) } else { village.post(&leave, reasons()) });
    let (won, lost) = at_once(calls).await;
    assert_eq!(won.len(), 1);
    let expected: &[&str] =
        if won[0].status == 201 { &["pairing_exists", "pairings_live"] } else { &["not_enrolled", "illegal_step"] };
    for answer in lost {
        assert!(expected.contains(&answer["code"].as_str().unwrap_or_default()), "{answer:?}");
    }
    if won[0].status == 201 {
        // An enrolment that is over does not keep anybody from leaving.
        step(&village, &won[0], "decline").await.is(200);
        village.post(&leave, reasons()).await.is(200);
    }
});

both_databases!(one_enters_and_pairs_from_the_first_day_of_a_campaign_to_the_end_of_its_implementation, async |app| {
    let id = app.open_campaign().await.id();
    let village = json!({ "campaign_id": id, "village_code": VILLAGE_A });
    let organisation = json!({ "campaign_id": id, "organisation_id": app.world.organisation_a });
    app.clock.set(instant("2020-04-14T15:59:59Z"));
    app.village_a().post("/enrolments", village.clone()).await.refused(OutsidePhase);
    app.clock.set(instant("2020-11-30T16:00:00Z"));
    app.organisation_a().post("/enrolments", organisation.clone()).await.refused(OutsidePhase);
    app.clock.set(instant("2020-04-14T16:00:00Z"));
    let village = app.village_a().post("/enrolments", village).await.is(201);
    app.clock.set(instant("2020-11-30T15:59:59Z"));
    let organisation = app.organisation_a().post("/enrolments", organisation).await.is(201);
    for entered in [village, organisation] {
        app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
    }
    let two = json!({ "campaign_id": id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    app.clock.set(instant("2020-11-30T16:00:00Z"));
    app.organisation_a().post("/pairings", two.clone()).await.refused(OutsidePhase);
    app.clock.set(instant("2020-11-30T15:59:59Z"));
    let pairing = app.organisation_a().post("/pairings", two).await.is(201);
    // The days to answer continue, but no pairing is concluded in December.
    app.clock.set(instant("2020-11-30T16:00:00Z"));
    app.village_a().post(&format!("{}/accept", pairing.path()), json!({})).await.refused(OutsidePhase);
    app.clock.set(instant("2020-11-30T15:59:59Z"));
    app.village_a().post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    app.clock.set(instant("2020-11-30T16:00:00Z"));
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.refused(OutsidePhase);
    app.clock.set(instant("2020-11-30T15:59:59Z"));
    app.bureau().post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
});

both_databases!(who_enters_is_one_of_two, async |app| {
    let campaign = app.open_campaign().await;
    let none = json!({ "campaign_id": campaign.id() });
    let both = json!({ "campaign_id": campaign.id(), "village_code": VILLAGE_A, "organisation_id": app.world.organisation_a });
    for body in [none, both] {
        let refused = app.bureau().post("/enrolments", body).await;
        refused.fault("/village_code", "one_of_two").fault("/organisation_id", "one_of_two");
    }
});

both_databases!(what_is_not_confirmed_exists_for_those_alone_whom_it_concerns, async |app| {
    let campaign_id = app.bureau().post("/campaigns", campaign()).await.is(201).id();
    let village = json!({ "campaign_id": campaign_id, "village_code": VILLAGE_A });
    let organisation = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a });
    let village = app.village_a().post("/enrolments", village).await.is(201);
    let organisation = app.organisation_a().post("/enrolments", organisation).await.is(201);
    for confirmed in [false, true] {
        for (enrolment, concerns) in [(&village, &[VillageA, TownA, Bureau][..]), (&organisation, &[OrganisationA, Bureau])] {
            for who in [VillageA, VillageB, TownA, TownB, OrganisationA, OrganisationB, Bureau, OtherBureau] {
                let exists = concerns.contains(&who) || confirmed && who != OtherBureau;
                let list = app.as_(who).get("/enrolments").await.is(200);
                let listed = list.items().iter().any(|item| item["id"] == enrolment["id"]);
                let read = app.as_(who).get(&enrolment.path()).await.status;
                assert_eq!((listed, read), (exists, if exists { 200 } else { 404 }), "{who:?}, {confirmed}: {}", enrolment.body);
            }
            if !confirmed {
                app.bureau().post(&format!("{}/confirm", enrolment.path()), json!({})).await.is(200);
            }
        }
    }
});

both_databases!(each_side_says_how_many_pairs_it_takes_on_until_the_deadline_and_then_the_bureau_does, async |app| {
    let campaign = app.open_campaign().await;
    let organisation = json!({ "campaign_id": campaign.id(), "organisation_id": app.world.organisation_a, "places": 4 });
    let offered = app.organisation_a().post("/enrolments", organisation).await.is(201);
    assert_eq!((&offered["places"], &offered["editable"]), (&json!(4), &json!(true)));
    let village = json!({ "campaign_id": campaign.id(), "village_code": VILLAGE_A, "places": 4 });
    app.village_a().post("/enrolments", village.clone()).await.fault("/places", "too_many");
    let entered = app.village_a().post("/enrolments", with(village, "/places", json!(2))).await.is(201);
    let patch = async |who: Who, places: i32| {
        let now = app.as_(Bureau).get(&entered.path()).await.is(200);
        app.as_(who).patch(&entered.path(), json!({ "places": places })).if_match(&now.etag()).await
    };
    patch(VillageA, 4).await.fault("/places", "too_many");
    patch(VillageA, 6).await.fault("/places", "range");
    assert_eq!(patch(VillageA, 3).await.is(200)["places"], 3);
    patch(TownA, 2).await.is(200);
    let due = entered["places_until"].as_str().expect("a day").to_owned();
    app.clock.set(noon(&due));
    patch(VillageA, 1).await.is(200);
    let after = due.parse::<chrono::NaiveDate>().expect("a day").succ_opt().expect("a day");
    app.clock.set(noon(&after.to_string()));
    patch(VillageA, 2).await.refused(RankingClosed);
    patch(TownA, 2).await.refused(RankingClosed);
    assert_eq!(patch(Bureau, 2).await.is(200)["places"], 2);
    app.as_(Bureau).post(&format!("{}/decline", entered.path()), reasons()).await.is(200);
    patch(Bureau, 1).await.refused(IllegalStep);
});
