//! Pairings with villages and with households: proposed, answered, confirmed, ended.

use std::future::IntoFuture;

use baishe::startup;
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::deadlines::waiting;
use super::races::{at_once, history, step};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read the pairing of village A and organisation A.
const PAIRING: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Cadre, Auditor];

/// Those who may read what belongs to it.
pub const PARTIES: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Auditor];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_pairings"),
        op("export_pairings"),
        op("create_pairing")
            .on(confirmed_members)
            .body(|app, campaign| {
                json!({ "campaign_id": campaign.id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A })
            })
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .foreign(ValidationFailed),
        op("read_pairing").on(proposed_pairing).only(PAIRING).or(NotFound),
        op("read_pairing_commitments").on(proposed_pairing).only(PAIRING).or(NotFound),
        op("read_pairing_year").on(proposed_pairing).only(PAIRING).or(NotFound),
        op("read_pairing_task_book").on(active_pairing).only(PARTIES).or(NotFound),
        op("list_pairing_history").on(proposed_pairing).only(PAIRING).or(NotFound),
        op("step_pairing")
            .on(proposed_pairing)
            .step("accept")
            .reasons()
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden), (OrganisationA, IllegalStep)]),
        op("step_pairing").on(proposed_pairing).step("confirm").reasons().only(&[]).or(NotFound).but(&[
            (Bureau, IllegalStep),
            (TownA, Forbidden),
            (VillageA, Forbidden),
            (OrganisationA, Forbidden),
        ]),
    ],
    example: |app| Box::pin(async { drop(app.active(campaign(), "2020-04-18").await) }),
    walked: &["/pairings?sort=-updated_at"],
    pages: &[
        ("bureau", "/pairings"),
        ("bureau", "/pairings/new"),
        ("bureau", "/pairings/{}"),
        ("bureau", "/pairings/{}/task-book"),
        ("organisation", "/pairings"),
        ("organisation", "/pairings/{}"),
    ],
};

fn confirmed_members(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/campaigns/{}", app.enrolled(next_campaign()).await)) })
}

fn proposed_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.proposed(next_campaign()).await.into() })
}

pub fn confirmed_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/pairings/{}", app.confirmed(next_campaign()).await.id())) })
}

pub fn active_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.active(next_campaign(), "2020-04-18").await.into() })
}

/// A pairing that the bureau recommends, so that both sides answer.
async fn recommended(app: &TestApp) -> Answer {
    let campaign_id = app.enrolled(campaign()).await;
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    app.bureau().post("/pairings", two).await.is(201)
}

both_databases!(of_those_who_accept_for_a_village_at_once_one_does, async |app| {
    let pairing = recommended(app).await;
    let (village, town) = (app.village_a(), app.town_a());
    let (won, lost) = at_once((0..8).map(|n| step(if n % 2 == 0 { &village } else { &town }, &pairing, "accept"))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    assert_eq!(won[0]["state"], "proposed", "the organisation has not answered");
    for answer in lost {
        let answer = answer.refused(IllegalStep);
        assert_eq!(answer["state"], "proposed");
        assert!(!answer["allowed_actions"].as_array().expect("actions").contains(&json!("accept")));
    }
    assert_eq!(history(app, &pairing).await, 2);
});

both_databases!(both_sides_may_accept_at_the_same_moment, async |app| {
    let pairing = recommended(app).await;
    let (won, lost) =
        at_once([step(&app.village_a(), &pairing, "accept"), step(&app.organisation_a(), &pairing, "accept")]).await;
    assert!(lost.is_empty(), "{:?}", lost[0]);
    assert_eq!(won.len(), 2);
    assert_eq!(app.bureau().get(&pairing.path()).await.is(200)["state"], "accepted");
});

both_databases!(confirming_and_withdrawing_at_once_do_not_both_happen, async |app| {
    let pairing = app.proposed(campaign()).await;
    step(&app.village_a(), &pairing, "accept").await.is(200);
    let (bureau, organisation) = (app.bureau(), app.organisation_a());
    let calls =
        (0..8).map(|n| if n % 2 == 0 { step(&bureau, &pairing, "confirm") } else { step(&organisation, &pairing, "withdraw") });
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    let now = bureau.get(&pairing.path()).await.is(200);
    assert_eq!(now["state"], won[0]["state"]);
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], now["state"]);
    }
    assert_eq!(history(app, &pairing).await, 3);
});

both_databases!(of_all_who_propose_the_same_two_at_once_one_does, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A });
    let clients = [app.organisation_a(), app.village_a(), app.town_a(), app.bureau()];
    let (won, lost) = at_once((0..8).map(|n| clients[n % 4].post("/pairings", two.clone()))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| drop(answer.refused(PairingExists)));
    assert_eq!(app.bureau().get("/pairings").await.is(200)["total"], 1);
});

/// The village's active pairing with organisation A, and a family of village A.
pub async fn ground(app: &TestApp) -> (Answer, Answer) {
    let village = app.active(campaign(), "2020-04-18").await;
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    (village, family)
}

pub fn proposal(app: &TestApp, campaign_id: &Value, household_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": household_id })
}

both_databases!(a_household_is_paired_by_its_village_and_the_organisation_learns_nothing_personal, async |app| {
    let (village, family) = ground(app).await;
    let two = proposal(app, &village["campaign_id"], &family.id());
    app.organisation_a().post("/pairings", two.clone()).await.refused(Forbidden);
    app.as_(VillageB).post("/pairings", two.clone()).await.fault("/household_id", "unknown");
    let both = with(two.clone(), "/village_code", json!(VILLAGE_A));
    app.village_a().post("/pairings", both).await.fault("/household_id", "one_of_two");
    let made = app.village_a().post("/pairings", two.clone()).await.is(201);
    assert_eq!((&made["kind"], &made["village_code"]), (&json!("household"), &json!(VILLAGE_A)));
    for client in [app.village_a(), app.town_a()] {
        let refused = client.post("/pairings", two.clone()).await.refused(PairingExists);
        assert_eq!(refused["existing"], made.path(), "what stands in the way");
    }

    // When it answers, the organisation knows the file number and why the family is in difficulty, but no name.
    let organisation = app.organisation_a();
    let seen = organisation.get(&made.path()).await.is(200);
    assert_eq!(seen["household"]["file_number"], format!("{VILLAGE_A}-0001"));
    assert_eq!((&seen["household"]["category"], &seen["household"]["main_cause"]), (&json!("minimum_living"), &json!("illness")));
    assert!(!seen.body.to_string().contains("许"), "{}", seen.body);
    organisation.get(&family.path()).await.refused(NotFound);
    let waiting = organisation.get("/work-items").await.is(200);
    assert!(waiting.body.to_string().contains(&made.id()), "{}", waiting.body);
    organisation.post(&format!("{}/accept", made.path()), json!({})).await.is(200);
    app.town_a().post(&format!("{}/activate", made.path()), json!({})).await.refused(IllegalStep);
    app.bureau().post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    app.village_a().post(&format!("{}/activate", made.path()), json!({})).await.refused(Forbidden);
    let active = app.town_a().post(&format!("{}/activate", made.path()), json!({})).await.is(200);
    assert_eq!((&active["state"], &active["active_since"]), (&json!("active"), &json!("2020-04-20")));

    // From now on the household is assisted, as its dated history shows. Objects that belong to village pairings do not accept
    // this one.
    let now = app.village_a().get(&family.path()).await.is(200);
    assert_eq!((&now["status"], &now["status_since"]), (&json!("assisted"), &json!("2020-04-20")));
    assert_eq!(app.village_a().get(&format!("{}/statuses", family.path())).await.is(200).body.as_array().map(Vec::len), Some(2));
    for (path, body, pointer) in [
        ("/agreements", agreement(&made.id()), "/pairing_id"),
        ("/projects", project(&made.id()), "/pairing_id"),
        (
            "/progress-updates",
            json!({ "pairing_id": made.id(), "month": "2020-04", "content": "助学", "progress": "完成" }),
            "/pairing_id",
        ),
    ] {
        app.town_a().post(path, body).await.fault(pointer, "unknown");
    }
    let of = async |client: &Client, query: &str| client.get(&format!("/pairings{query}")).await.is(200)["total"].clone();
    assert_eq!(of(&app.bureau(), "").await, 2);
    assert_eq!(of(&app.bureau(), "?kind=household").await, 1);
    assert_eq!(of(&app.bureau(), &format!("?household_id={}", family.id())).await, 1);
    assert_eq!(of(&app.as_(LeadingGroup), "").await, 1, "what is done for single households is not for the leading group");
    app.as_(LeadingGroup).get(&made.path()).await.refused(NotFound);
    for filter in ["without_agreement=true", "without_project_since=2020-05-01", "without_update_in=2020-04"] {
        assert_eq!(of(&app.bureau(), &format!("?{filter}")).await, 1, "{filter} is about villages");
    }
    let dashboard = format!("/dashboard?campaign_id={}", village["campaign_id"].as_str().unwrap());
    let dashboard = app.bureau().get(&dashboard).await.is(200);
    let active = dashboard["pairings_by_state"].as_array().unwrap().iter().find(|one| one["state"] == "active").unwrap();
    assert_eq!(active["pairings"]["value"], 1);
});

both_databases!(what_a_household_pairing_stands_on_is_asked_for, async |app| {
    let (village, family) = ground(app).await;
    let campaign_id = &village["campaign_id"];
    let unconsented = with(household(VILLAGE_A, 3), "/consent", Value::Null);
    let unconsented = app.village_a().post("/households", unconsented).await.is(201);
    let refused = app.village_a().post("/pairings", proposal(app, campaign_id, &unconsented.id())).await;
    refused.refused(HouseholdNotConsented);
    let other = with(proposal(app, campaign_id, &family.id()), "/organisation_id", json!(app.world.organisation_b));
    app.village_a().post("/pairings", other).await.refused(VillagePairingMissing);
    let lifted = app.village_a().post("/households", household(VILLAGE_A, 5)).await.is(201);
    for step in ["assist", "lift_out"] {
        app.town_a().post(&format!("{}/{step}", lifted.path()), json!({ "note": "收入稳定" })).await.is(200);
    }
    app.village_a().post("/pairings", proposal(app, campaign_id, &lifted.id())).await.refused(HouseholdLiftedOut);

    // Of ten who propose the same pairing at once, one succeeds.
    let village_a = app.village_a();
    let calls = (0..10).map(|_| village_a.post("/pairings", proposal(app, campaign_id, &family.id())).into_future());
    let made = join_all(calls).await.into_iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
});

both_databases!(a_household_pairing_ends_with_what_it_stands_on, async |app| {
    let (village, family) = ground(app).await;
    let campaign_id = village["campaign_id"].as_str().unwrap();
    let helped = app.helps(campaign_id, &family.id()).await;
    let second = app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let proposed = app.village_a().post("/pairings", proposal(app, &village["campaign_id"], &second.id())).await.is(201);
    let third = app.village_a().post("/households", household(VILLAGE_A, 5)).await.is(201);
    let withdrawn = app.helps(campaign_id, &third.id()).await;

    let now = app.village_a().get(&third.path()).await.is(200);
    let patch = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&third.path(), patch).if_match(&now.etag()).await.is(200);
    let ended = app.bureau().get(&withdrawn.path()).await.is(200);
    assert_eq!((&ended["state"], &ended["ended_on"]), (&json!("terminated"), &json!("2020-04-20")));
    let history = app.bureau().get(&format!("{}/history", withdrawn.path())).await.is(200);
    assert_eq!(history.items()[0]["action"], "consent_withdrawn");

    app.bureau().post(&format!("{}/terminate", village.path()), json!({ "note": "社会组织注销" })).await.is(200);
    for (pairing, state) in [(&helped, "terminated"), (&proposed, "withdrawn"), (&withdrawn, "terminated")] {
        assert_eq!(app.bureau().get(&pairing.path()).await.is(200)["state"], state);
    }
    let history = app.bureau().get(&format!("{}/history", helped.path())).await.is(200);
    assert_eq!(
        (&history.items()[0]["action"], &history.items()[0]["note"]),
        (&json!("fall_with_village"), &Value::Null),
        "what is said of a village may name a family"
    );
    app.organisation_a().get(&family.path()).await.refused(NotFound);
});

both_databases!(a_proposal_can_be_answered_to_the_end_of_its_last_day, async |app| {
    let pairing = app.proposed(campaign()).await;
    assert_eq!(pairing["answer_due_on"], "2020-05-05", "fifteen days after the twentieth of April");
    let path = pairing.path();
    for last in ["2020-05-04T15:59:59Z", "2020-05-04T16:00:00Z", "2020-05-05T15:59:59Z"] {
        app.clock.set(instant(last));
        startup::tidy(&app.app).await;
        let now = app.village_a().get(&path).await.is(200);
        assert_eq!((&now["state"], &now["allowed_actions"]), (&json!("proposed"), &json!(["accept", "decline"])), "{last}");
        assert_eq!(waiting(&app.village_a(), "answer_pairings").await, [(json!("2020-05-05"), json!(false))], "{last}");
    }
    app.clock.set(instant("2020-05-05T16:00:00Z"));
    let now = app.village_a().get(&path).await.is(200);
    assert_eq!(now["allowed_actions"], json!(["decline"]));
    assert!(waiting(&app.village_a(), "answer_pairings").await.is_empty());
    app.village_a().post(&format!("{path}/accept"), json!({})).await.refused(IllegalStep);
    startup::tidy(&app.app).await;
    assert_eq!(app.village_a().get(&path).await.is(200)["state"], "expired");
    // Another is proposed on the sixth, and accepted in the last second.
    let two = json!({
        "campaign_id": pairing["campaign_id"], "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A,
    });
    let again = app.organisation_a().post("/pairings", two).await.is(201);
    assert_eq!(again["answer_due_on"], "2020-05-21");
    app.clock.set(instant("2020-05-21T15:59:59Z"));
    let accepted = app.village_a().post(&format!("{}/accept", again.path()), json!({})).await.is(200);
    assert_eq!(accepted["state"], "accepted");
    // An accepted pairing waits for the bureau, no longer for an answer.
    app.clock.set(instant("2020-05-30T00:00:00Z"));
    startup::tidy(&app.app).await;
    assert_eq!(app.village_a().get(&again.path()).await.is(200)["state"], "accepted");
});

both_databases!(a_pairing_without_a_project_has_its_thirty_days_of_grace, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let dashboard = format!("/dashboard?campaign_id={}", pairing["campaign_id"].as_str().expect("an id"));
    // The thirtieth day is the eighteenth of May.
    for (at, late) in [("2020-05-17T15:59:59Z", 0), ("2020-05-18T15:59:59Z", 0), ("2020-05-18T16:00:00Z", 1)] {
        app.clock.set(instant(at));
        for within in ["", "&within=350582104", "&within=350582104206"] {
            let dashboard = app.bureau().get(&format!("{dashboard}{within}")).await.is(200);
            let concerns = dashboard["concerns"].as_array().expect("concerns");
            let found = concerns.iter().find(|concern| concern["concern"] == "without_project").expect("the concern");
            assert_eq!(found["records"]["value"], late, "{at} {within}");
        }
    }
});

both_databases!(pairings_without_a_project_are_found, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let found = async |day: &str| {
        app.clock.set(noon(day));
        let work = app.town_a().get("/work-items").await.is(200);
        let groups = work["groups"].as_array().expect("groups").iter();
        groups
            .filter(|group| group["kind"] == "plan_projects")
            .map(|group| group["total"].as_i64().expect("a number"))
            .sum::<i64>()
    };
    assert_eq!(found("2020-05-18").await, 0);
    assert_eq!(found("2020-05-19").await, 1);
    app.village_a().post("/projects", project(&pairing.id())).await.is(201);
    assert_eq!(found("2020-05-19").await, 0);
});

both_databases!(after_its_year_a_pairing_is_completed_without_more_words, async |app| {
    let signed = app.signed(campaign()).await;
    let path = format!("/pairings/{}/complete", signed["pairing_id"].as_str().expect("an id"));
    app.bureau().post(&path, json!({})).await.fault("/note", "required");
    app.clock.set(noon(signed["ends_on"].as_str().expect("a day")));
    app.bureau().post(&path, json!({})).await.is(200);
});
