//! Campaigns and their calendar.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::catalogue::{need, offer, publish};
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_campaigns"),
        op("create_campaign").body(|_, _| next_campaign()).foreign(OutsideOwnScope),
        op("read_campaign").on(campaign_2020),
        op("update_campaign").on(campaign_2020).body(|_, _| json!({ "title": "百社解千难" })),
        op("list_campaign_history").on(campaign_2020),
    ],
    pages: &[
        ("bureau", "/campaigns"),
        ("bureau", "/campaigns/new"),
        ("bureau", "/campaigns/{}"),
        ("bureau", "/campaigns/{}/edit"),
    ],
    ..Domain::EMPTY
};

fn campaign_2020(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let list = app.bureau().get("/campaigns").await.is(200);
        match list.items().first().and_then(|campaign| campaign["id"].as_str()) {
            Some(id) => app.bureau().get(&format!("/campaigns/{id}")).await.is(200).into(),
            None => app.open_campaign().await.into(),
        }
    })
}

pub fn campaign_just_opened(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/campaigns", next_campaign()).await.is(201).into() })
}

/// The campaign of an active pairing.
pub fn campaign_with_pairing(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let pairing = app.active(next_campaign(), "2020-04-18").await;
        Target::at(format!("/campaigns/{}", pairing["campaign_id"].as_str().expect("an id")))
    })
}

both_databases!(a_campaign_is_opened_with_the_notice_s_numbers, async |app| {
    let made = app.open_campaign().await;
    assert_eq!(
        (&made["area_name"], &made["current_phase"], &made["editable"]),
        (&json!("晋江市"), &json!("preparation"), &json!(true))
    );
    let settings = &made["settings"];
    assert_eq!(
        (&settings["min_organisations"], &settings["report_day"], &settings["max_projects"]),
        (&json!(100), &json!(5), &json!(2))
    );
    assert_eq!((&settings["agreement_months"], &settings["max_pairings_per_village"]), (&json!(12), &Value::Null));
    let seen = app.village_a().get(&made.path()).await.is(200);
    assert_eq!(seen["editable"], false);
    app.as_(Who::OtherBureau).get(&made.path()).await.refused(NotFound);
    assert_eq!(app.as_(Who::OtherBureau).get("/campaigns").await.is(200)["total"], 0);
    app.bureau().post("/campaigns", campaign()).await.fault("/document_number", "taken");
    let list = app.as_(Who::Cadre).get("/campaigns?year=2020&q=%E7%99%BE%E7%A4%BE").await.is(200);
    assert_eq!(list.items()[0]["id"], made["id"]);
    assert_eq!(app.bureau().get("/campaigns?year=2021").await.is(200)["total"], 0);
    for (day, total) in [("2020-12-31", 1), ("2021-01-01", 0)] {
        assert_eq!(app.bureau().get(&format!("/campaigns?open_on={day}")).await.is(200)["total"], total, "{day}");
    }
});

both_databases!(a_campaign_is_open_in_its_area_and_to_all_below_it, async |app| {
    let made = app.open_campaign().await;
    for (code, level) in [("35", "province"), ("3505", "prefecture"), ("3506", "prefecture")] {
        app.sql(&format!("INSERT INTO areas (code, name, name_key, name_words, level, takes_part) VALUES ('{code}', '上级', '', '', '{level}', TRUE)")).await;
    }
    for (area, here, next_door) in
        [("35", true, true), ("3505", true, true), ("3506", false, false), (COUNTY, true, false), (OTHER_COUNTY, false, true)]
    {
        app.sql(&format!("UPDATE campaigns SET area_code = '{area}'")).await;
        for (who, open) in [(Who::Bureau, here), (Who::VillageA, here), (Who::OtherBureau, next_door)] {
            let client = app.as_(who);
            assert_eq!(client.get("/campaigns").await.is(200)["total"], u64::from(open), "{area}: {who:?}");
            assert_eq!(client.get(&made.path()).await.status, if open { 200 } else { 404 }, "{area}: {who:?}");
        }
    }
});

both_databases!(dates_that_do_not_fit_are_refused, async |app| {
    for (pointer, value, at, code) in [
        ("/ends_on", json!("2020-04-14"), "/ends_on", "end_before_start"),
        ("/phases/0/ends_on", json!("2020-04-14"), "/phases/0/ends_on", "end_before_start"),
        ("/phases/0/starts_on", json!("2020-04-14"), "/phases/0/starts_on", "date_outside_campaign"),
        ("/phases/2/ends_on", json!("2021-01-01"), "/phases/2/ends_on", "date_outside_campaign"),
        ("/milestones/1/due_on", json!("2021-01-01"), "/milestones/1/due_on", "date_outside_campaign"),
        ("/milestones/2/done_on", json!("1000-01-01"), "/milestones/2/done_on", "date_out_of_range"),
        ("/milestones/1/kind", json!("pairing"), "/milestones/3/kind", "duplicate"),
        ("/phases/1/phase", json!("preparation"), "/phases/1/phase", "duplicate"),
        (
            "/targets",
            json!([{ "indicator": "jobs_offered", "target": 1 }, { "indicator": "jobs_offered", "target": 2 }]),
            "/targets/1/indicator",
            "duplicate",
        ),
        ("/starts_on", json!("1899-12-31"), "/starts_on", "date_out_of_range"),
        ("/starts_on", json!("2020-13-01"), "/starts_on", "type"),
        ("/phases", json!([]), "/phases", "length"),
        ("/settings/report_day", json!(29), "/settings/report_day", "range"),
        ("/settings/max_projects", json!(0), "/settings/max_projects", "range"),
        ("/settings/holiday", json!(true), "/settings/holiday", "unknown_field"),
        ("/targets/0/target", json!(0), "/targets/0/target", "range"),
        ("/leading_group/0/name", json!(""), "/leading_group/0/name", "length"),
        ("/area_code", json!(VILLAGE_A), "/area_code", "unknown"),
        ("/area_code", json!("350599"), "/area_code", "unknown"),
    ] {
        app.bureau().post("/campaigns", with(campaign(), pointer, value)).await.fault(at, code);
    }
    // The answer names each day outside the campaign.
    let shorter = app.bureau().post("/campaigns", with(campaign(), "/ends_on", json!("2020-05-09"))).await;
    let at: Vec<_> =
        shorter.refused(ValidationFailed)["errors"].as_array().expect("errors").iter().map(|e| e["pointer"].clone()).collect();
    let wanted = [
        "/milestones/0/due_on",
        "/milestones/2/due_on",
        "/milestones/3/due_on",
        "/phases/0/ends_on",
        "/phases/1/ends_on",
        "/phases/1/starts_on",
        "/phases/2/ends_on",
        "/phases/2/starts_on",
    ];
    assert_eq!(at, wanted);
    app.bureau().post("/campaigns", with(campaign(), "/area_code", json!(OTHER_COUNTY))).await.refused(OutsideOwnScope);
    assert_eq!(app.number("SELECT COUNT(*) FROM campaigns").await, 0);
});

both_databases!(deadlines_are_judged_against_the_day, async |app| {
    let path = app.open_campaign().await.path();
    let on = async |day: &str| {
        app.clock.set(noon(day));
        let campaign = app.bureau().get(&path).await.is(200);
        let states = campaign["milestone_states"].as_array().expect("states").clone();
        let kinds: Vec<_> = states.iter().map(|state| state["kind"].clone()).collect();
        assert_eq!(kinds, ["survey", "kick_off", "pairing", "acceptance"], "in the order of their dates");
        let statuses: Vec<_> = states.iter().map(|state| state["status"].as_str().expect("a status").to_owned()).collect();
        (campaign["current_phase"].clone(), statuses, states[0]["days_left"].clone())
    };
    let [upcoming, met, missed] = ["upcoming", "met", "missed"];
    let wanted = |phase: Value, statuses: [&str; 4], days: i64| (phase, statuses.map(str::to_owned).to_vec(), json!(days));
    assert_eq!(on("2020-04-14").await, wanted(Value::Null, [upcoming, met, upcoming, upcoming], 16));
    assert_eq!(on("2020-04-30").await, wanted(json!("preparation"), [upcoming, met, upcoming, upcoming], 0));
    assert_eq!(on("2020-05-01").await, wanted(json!("preparation"), [missed, met, upcoming, upcoming], -1));
    assert_eq!(on("2020-06-01").await, wanted(json!("implementation"), [missed, met, missed, upcoming], -32));
    assert_eq!(on("2020-12-21").await, wanted(json!("summary"), [missed, met, missed, missed], -235));
    assert_eq!(on("2021-01-01").await.0, Value::Null);
    // The day changes at midnight in Jinjiang, not in Greenwich.
    app.clock.set(instant("2020-05-31T15:59:59Z"));
    assert_eq!(app.bureau().get(&path).await.is(200)["current_phase"], "preparation");
    app.clock.set(instant("2020-05-31T16:00:00Z"));
    assert_eq!(app.bureau().get(&path).await.is(200)["current_phase"], "implementation");
});

both_databases!(what_can_be_counted_is_met_when_the_count_is_there, async |app| {
    let few = with(campaign(), "/settings", json!({ "min_organisations": 1 }));
    let pairing = app.confirmed(few).await;
    let path = format!("/campaigns/{}", pairing["campaign_id"].as_str().expect("an id"));
    let state = async |kind: &str| {
        let campaign = app.bureau().get(&path).await.is(200);
        let states = campaign["milestone_states"].as_array().expect("states").clone();
        let state = states.into_iter().find(|state| state["kind"] == kind).expect("the milestone");
        (state["status"].clone(), state["done"].clone(), state["wanted"].clone())
    };
    assert_eq!(state("survey").await, (json!("upcoming"), json!(0), json!(2)));
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    publish(app, Who::VillageA, need(campaign_id)).await;
    publish(app, Who::OrganisationA, offer(app, campaign_id)).await;
    assert_eq!(state("survey").await, (json!("met"), json!(2), json!(2)));
    assert_eq!(state("pairing").await, (json!("met"), json!(1), json!(1)));
});

both_databases!(a_campaign_is_changed_as_a_whole_and_remembers, async |app| {
    let made = app.open_campaign().await;
    let bureau = app.bureau();
    let patch = json!({ "settings": { "max_projects": 3 }, "title": "百社解千难" });
    let changed = bureau.patch(&made.path(), patch).if_match(&made.etag()).await.is(200);
    assert_eq!((&changed["settings"]["max_projects"], &changed["settings"]["report_day"]), (&json!(3), &json!(5)));
    let out = json!({ "ends_on": "2020-12-01" });
    bureau.patch(&made.path(), out).if_match(&changed.etag()).await.fault("/phases/2/ends_on", "date_outside_campaign");
    bureau.patch(&made.path(), json!({ "title": null })).if_match(&changed.etag()).await.fault("/title", "required");
    bureau.patch(&made.path(), json!({ "area_code": OTHER_COUNTY })).if_match(&changed.etag()).await.refused(OutsideOwnScope);
    let history = app.village_a().get(&format!("{}/history", made.path())).await.is(200);
    let fields: Vec<_> = history.items()[0]["changes"].as_array().expect("changes").iter().map(|c| c["field"].clone()).collect();
    assert_eq!((history["total"].clone(), fields), (json!(2), vec![json!("settings"), json!("title")]));
});
