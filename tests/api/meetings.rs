//! Meetings: who calls them, who takes part, and the milestone that the kick-off meets.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

const READERS: &[Who] = &[Bureau, LeadingGroup, Auditor, TownA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_meetings"),
        op("create_meeting")
            .on(fresh_campaign)
            .body(|_, target| meeting(&target.id, json!([])))
            .only(&[Bureau, TownA, TownB])
            .or(Forbidden)
            .foreign(ValidationFailed),
        op("export_meetings"),
        op("read_meeting").on(with_town_a).only(READERS).or(NotFound),
        op("update_meeting")
            .on(with_town_a)
            .body(|_, _| json!({ "place": "市民政局三楼会议室" }))
            .only(&[Bureau])
            .or(NotFound)
            .but(&[(TownA, OutsideOwnScope)]),
        op("step_meeting")
            .on(with_town_a)
            .step("hold")
            .body(|_, _| json!({}))
            .only(&[Bureau])
            .or(NotFound)
            .but(&[(TownA, OutsideOwnScope)]),
        op("list_meeting_history").on(with_town_a).only(READERS).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let campaign_id = app.bureau().post("/campaigns", next_campaign()).await.is(201).id();
            let body = meeting(&campaign_id, json!([{ "area_code": TOWN_A }]));
            app.bureau().post("/meetings", body).await.is(201);
        })
    },
    pages: &[
        ("auditor", "/meetings"),
        ("bureau", "/meetings"),
        ("bureau", "/meetings/new"),
        ("bureau", "/meetings/{}"),
        ("bureau", "/meetings/{}/edit"),
        ("leader", "/meetings"),
        ("organisation", "/meetings"),
        ("town", "/meetings"),
        ("town", "/meetings/new"),
        ("town", "/meetings/{}"),
        ("village", "/meetings"),
    ],
    ..Domain::EMPTY
};

pub fn meeting(campaign_id: &str, participants: Value) -> Value {
    json!({
        "campaign_id": campaign_id, "kind": "kick_off", "title": "“百社解千难”活动动员部署会议", "held_on": "2020-04-20",
        "place": "市民政局二楼会议室", "chair": "吴丽婷", "participants": participants,
    })
}

fn fresh_campaign(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let id = app.bureau().post("/campaigns", next_campaign()).await.is(201).id();
        Target::at(format!("/campaigns/{id}"))
    })
}

fn with_town_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let id = app.bureau().post("/campaigns", next_campaign()).await.is(201).id();
        app.bureau().post("/meetings", meeting(&id, json!([{ "area_code": TOWN_A }]))).await.is(201).into()
    })
}

/// The status of the campaign's kick-off, and how many were held.
async fn kick_off(app: &TestApp, campaign_id: &str) -> (Value, Value) {
    let campaign = app.village_a().get(&format!("/campaigns/{campaign_id}")).await.is(200);
    let states = campaign["milestone_states"].as_array().expect("states").clone();
    let state = states.into_iter().find(|state| state["kind"] == "kick_off").expect("the milestone");
    (state["status"].clone(), state["done"].clone())
}

both_databases!(a_kick_off_that_was_held_meets_its_milestone, async |app| {
    let campaign = with(campaign(), "/milestones/2/done_on", Value::Null);
    let campaign_id = app.enrolled(campaign).await;
    let bureau = app.bureau();
    let everybody = json!([
        { "area_code": TOWN_A }, { "area_code": TOWN_B }, { "area_code": VILLAGE_A },
        { "organisation_id": app.world.organisation_a },
    ]);
    let planned = with(meeting(&campaign_id, everybody), "/held_on", json!("2020-05-08"));
    let planned = bureau.post("/meetings", planned).await.is(201);
    assert_eq!((&planned["state"], &planned["unit_count"]), (&json!("planned"), &json!(4)));
    let names: Vec<_> = planned["attendance"].as_array().expect("names").iter().map(|party| party["name"].clone()).collect();
    assert_eq!(names, ["东石镇社会事务办", "龙湖镇社会事务办", "永湖村委会", "晋江市慈善总会"]);
    // It is not held before its day.
    assert_eq!(planned["allowed_actions"], json!(["cancel"]));
    let hold = format!("{}/hold", planned.path());
    bureau.post(&hold, json!({})).await.refused(MeetingAhead);
    assert_eq!(kick_off(app, &campaign_id).await, (json!("upcoming"), json!(0)));
    app.clock.set(noon("2020-05-11"));
    assert_eq!(kick_off(app, &campaign_id).await, (json!("missed"), json!(0)));
    // A town's own meeting is not that of the campaign.
    let own = with(meeting(&campaign_id, json!([{ "area_code": VILLAGE_A }])), "/held_on", json!("2020-05-09"));
    let own = app.town_a().post("/meetings", own).await.is(201);
    app.town_a().post(&format!("{}/hold", own.path()), json!({})).await.is(200);
    assert_eq!(kick_off(app, &campaign_id).await, (json!("missed"), json!(0)));
    let held = bureau.post(&hold, json!({})).await.is(200);
    assert_eq!((&held["state"], &held["allowed_actions"]), (&json!("held"), &json!(["cancel"])));
    assert_eq!(kick_off(app, &campaign_id).await, (json!("met"), json!(1)));
    // What was resolved is written afterwards; its day stays in the past.
    app.attached(Bureau, "meetings", &planned.id()).await.is(201);
    let held = bureau.get(&planned.path()).await.is(200);
    let written = json!({ "resolutions": "各镇（街道）月底前组织签订协议；\n每月5日前报送统计表。", "person_count": 120 });
    let written = bureau.patch(&planned.path(), written).if_match(&held.etag()).await.is(200);
    assert_eq!(written["person_count"], 120);
    bureau.patch(&planned.path(), json!({ "held_on": "2020-05-12" })).if_match("*").await.fault("/held_on", "future");
    bureau.post(&format!("{}/cancel", planned.path()), json!({})).await.fault("/note", "required");
    bureau.post(&format!("{}/cancel", planned.path()), json!({ "note": "登记有误" })).await.is(200);
    assert_eq!(kick_off(app, &campaign_id).await, (json!("missed"), json!(0)));
    bureau.patch(&planned.path(), json!({ "place": "别处" })).if_match("*").await.refused(IllegalStep);
});

both_databases!(those_take_part_who_are_in_the_campaign_and_they_see_it, async |app| {
    let campaign_id = app.enrolled(campaign()).await;
    let bureau = app.bureau();
    for (participants, pointer, code) in [
        (json!([{}]), "/participants/0/area_code", "one_of_two"),
        (json!([{ "area_code": TOWN_A }, { "area_code": TOWN_A }]), "/participants/1/area_code", "duplicate"),
        (json!([{ "area_code": COUNTY }]), "/participants/0/area_code", "unknown"),
        (json!([{ "area_code": OTHER_TOWN }]), "/participants/0/area_code", "unknown"),
        (json!([{ "area_code": TOWN_A }, { "area_code": VILLAGE_B }]), "/participants/1/area_code", "unknown"),
        (json!([{ "organisation_id": app.world.organisation_b }]), "/participants/0/organisation_id", "unknown"),
    ] {
        bureau.post("/meetings", meeting(&campaign_id, participants)).await.fault(pointer, code);
    }
    let of_b = meeting(&campaign_id, json!([{ "area_code": TOWN_A }]));
    app.town_b().post("/meetings", of_b).await.fault("/participants/0/area_code", "unknown");
    let early = with(meeting(&campaign_id, json!([])), "/held_on", json!("2020-04-14"));
    bureau.post("/meetings", early).await.fault("/held_on", "date_outside_campaign");

    let invited = json!([{ "area_code": VILLAGE_A }, { "organisation_id": app.world.organisation_a }]);
    let made = bureau.post("/meetings", meeting(&campaign_id, invited)).await.is(201);
    let seen = async || {
        let mut seen = Vec::new();
        for who in [Bureau, LeadingGroup, Auditor, TownA, TownB, VillageA, VillageB, OrganisationA, OrganisationB, OtherBureau] {
            let (status, total) =
                (app.as_(who).get(&made.path()).await.status, app.as_(who).get("/meetings").await.is(200)["total"].clone());
            assert_eq!(status == 200, total == 1, "{who:?}");
            if status == 200 {
                seen.push(who);
            }
        }
        seen
    };
    assert_eq!(seen().await, [Bureau, LeadingGroup, Auditor, TownA, VillageA, OrganisationA]);
    // Whoever is taken out sees it no longer. Whoever left the campaign stays as they were written.
    app.sql("UPDATE enrolments SET state = 'withdrawn' WHERE organisation_id IS NOT NULL").await;
    let fewer = json!({ "participants": [{ "organisation_id": app.world.organisation_a }] });
    let fewer = bureau.patch(&made.path(), fewer).if_match(&made.etag()).await.is(200);
    assert_eq!((&fewer["unit_count"], &fewer["attendance"][0]["name"]), (&json!(1), &json!("晋江市慈善总会")));
    assert_eq!(seen().await, [Bureau, LeadingGroup, Auditor, OrganisationA]);
    for (query, total) in [("q=动员", 1), ("q=bsjqn", 1), ("kind=review", 0), ("state=planned", 1), ("within=350582110", 0)] {
        assert_eq!(bureau.get(&format!("/meetings?{query}")).await.is(200)["total"], total, "{query}");
    }
});
