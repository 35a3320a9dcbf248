//! Checklists, rounds and inspections (督促检查).

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, next_campaign, op};
use super::pairings::PARTIES;
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_checklists"),
        op("create_checklist").body(|_, _| checklist()),
        op("export_checklists"),
        op("read_checklist").on(any_checklist),
        op("update_checklist").on(any_checklist).body(|_, _| json!({ "title": "年中检查清单（修订）" })),
        op("step_checklist").on(any_checklist).step("release").body(|_, _| json!({})),
        op("list_checklist_history").on(any_checklist),
        op("list_inspection_rounds"),
        op("create_inspection_round")
            .on(campaign_and_checklist)
            .body(|_, target| round(&target.id, target.body.as_str().unwrap_or_default()))
            .foreign(ValidationFailed),
        op("export_inspection_rounds"),
        op("read_inspection_round").on(any_draft),
        op("update_inspection_round").on(any_draft).body(|_, _| json!({ "title": "年中检查（第二批）" })).only(&[Bureau]),
        op("read_inspection_draw").on(any_draft),
        op("step_inspection_round").on(any_draft).step("open").body(|_, _| json!({})).only(&[Bureau]),
        op("list_inspection_round_history").on(any_draft),
        op("list_inspections"),
        op("create_inspection")
            .on(one_left_out)
            .body(|_, target| json!({ "round_id": target.id, "pairing_id": target.body, "planned_on": "2020-04-25" }))
            .only(&[Bureau])
            .foreign(ValidationFailed)
            .but(&[(TownB, ValidationFailed)]),
        op("export_inspections"),
        op("list_inspectors"),
        op("read_inspection").on(any_planned).only(PARTIES).or(NotFound),
        op("update_inspection").on(any_planned).body(|_, _| partly()).only(&[Bureau, TownA]).or(NotFound),
        op("step_inspection")
            .on(any_planned)
            .step("cancel")
            .body(|_, _| json!({ "note": "改期" }))
            .only(&[Bureau, TownA])
            .or(NotFound),
        op("list_inspection_history").on(any_planned).only(PARTIES).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let pairing = app.active_village().await;
            let checklist = in_use(app).await;
            open(app, round(pairing["campaign_id"].as_str().expect("an id"), &checklist.id())).await;
        })
    },
    walked: &["/inspections?sort=planned_on"],
    pages: &[
        ("auditor", "/checklists"),
        ("auditor", "/inspection-rounds"),
        ("auditor", "/inspections"),
        ("bureau", "/checklists"),
        ("bureau", "/checklists/new"),
        ("bureau", "/checklists/{}"),
        ("bureau", "/checklists/{}/edit"),
        ("bureau", "/inspection-rounds"),
        ("bureau", "/inspection-rounds/new"),
        ("bureau", "/inspection-rounds/{}"),
        ("bureau", "/inspection-rounds/{}/edit"),
        ("bureau", "/inspections"),
        ("bureau", "/inspections/new"),
        ("bureau", "/inspections/{}"),
        ("bureau", "/inspections/{}/edit"),
        ("bureau", "/inspections/{}/sheet"),
        ("leader", "/inspections"),
        ("organisation", "/inspections"),
        ("organisation", "/inspections/{}"),
        ("town", "/inspection-rounds"),
        ("town", "/inspections"),
        ("town", "/inspections/{}"),
        ("town", "/inspections/{}/sheet"),
        ("village", "/inspections"),
        ("village", "/inspections/{}"),
    ],
};

pub fn checklist() -> Value {
    json!({
        "title": "年中检查清单",
        "items": [
            { "text": "结对协议已签订并公示" },
            { "text": "合作项目按月推进", "needs_remark": true },
            { "text": "帮扶资金使用有记录" },
        ],
    })
}

pub fn round(campaign_id: &str, checklist_id: &str) -> Value {
    json!({
        "campaign_id": campaign_id, "kind": "mid_year", "title": "2020年年中检查", "starts_on": "2020-04-20",
        "ends_on": "2020-04-30", "checklist_id": checklist_id, "selection": { "method": "all" },
    })
}

pub async fn in_use(app: &TestApp) -> Answer {
    let made = app.bureau().post("/checklists", checklist()).await.is(201);
    app.bureau().post(&format!("{}/release", made.path()), json!({})).await.is(200).about(&made.path())
}

/// A round of the bureau that was opened.
pub async fn open(app: &TestApp, body: Value) -> Answer {
    let made = app.bureau().post("/inspection-rounds", body).await.is(201);
    app.bureau().post(&format!("{}/open", made.path()), json!({})).await.is(200).about(&made.path())
}

/// The inspection of a new pairing of village A and organisation A, in a round of the bureau.
pub async fn planned(app: &TestApp) -> Answer {
    let pairing = app.active(next_campaign(), "2020-04-18").await;
    let checklist = in_use(app).await;
    let round = open(app, round(pairing["campaign_id"].as_str().expect("an id"), &checklist.id())).await;
    app.first(&format!("/inspections?round_id={}", round.id())).await
}

/// What is written of an inspection before it is complete.
fn partly() -> Value {
    json!({ "summary": "台账齐全", "results": [{ "item": 1, "result": "met", "remark": "协议已公示" }] })
}

/// What makes an inspection complete.
pub fn seen() -> Value {
    json!({
        "held_on": "2020-04-20", "conclusion": "passed_with_findings", "summary": "总体较好，资金台账待完善",
        "results": [
            { "item": 1, "result": "met" },
            { "item": 2, "result": "partly", "remark": "六月任务滞后" },
            { "item": 3, "result": "not_met", "remark": "没有台账" },
        ],
    })
}

fn any_checklist(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.bureau().post("/checklists", checklist()).await.is(201).into() })
}

fn campaign_and_checklist(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let campaign = app.bureau().post("/campaigns", next_campaign()).await.is(201);
        Target { body: json!(in_use(app).await.id()), ..Target::at(campaign.path()) }
    })
}

fn any_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let pairing = app.active(next_campaign(), "2020-04-18").await;
        let checklist = in_use(app).await;
        let body = round(pairing["campaign_id"].as_str().expect("an id"), &checklist.id());
        app.bureau().post("/inspection-rounds", body).await.is(201).into()
    })
}

/// An open round, and the pairing of village A that it does not look at.
fn one_left_out(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let (first, _) = app.both_active(next_campaign(), "2020-04-18").await;
        let body = round(first["campaign_id"].as_str().expect("an id"), &in_use(app).await.id());
        let of_b = with(body, "/selection/towns", json!([{ "town_code": TOWN_B }]));
        Target { body: json!(first.id()), ..Target::at(open(app, of_b).await.path()) }
    })
}

pub fn any_planned(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { planned(app).await.into() })
}

async fn waiting(client: &Client, kind: &str) -> u64 {
    let list = client.get("/work-items").await.is(200);
    let groups = list["groups"].as_array().expect("groups").iter();
    groups.filter(|group| group["kind"] == kind).map(|group| group["total"].as_u64().expect("a number")).sum()
}

both_databases!(a_round_looks_at_what_it_was_opened_with_whatever_becomes_of_the_checklist, async |app| {
    let bureau = app.bureau();
    let pairing = app.active(campaign(), "2020-04-18").await;
    let draft = bureau.post("/checklists", checklist()).await.is(201);
    let body = round(pairing["campaign_id"].as_str().expect("an id"), &draft.id());
    let made = bureau.post("/inspection-rounds", body).await.is(201);
    bureau.post(&format!("{}/open", made.path()), json!({})).await.refused(ChecklistNotInUse);
    bureau.post(&format!("{}/release", draft.path()), json!({})).await.is(200);
    let opened = bureau.post(&format!("{}/open", made.path()), json!({})).await.is(200);
    assert_eq!((&opened["state"], &opened["inspections"], &opened["held"]), (&json!("open"), &json!(1), &json!(0)));
    let inspection = app.first(&format!("/inspections?round_id={}", made.id())).await;
    assert_eq!(inspection["items"][0]["text"], "结对协议已签订并公示");

    let other = json!({ "items": [{ "text": "全部重来", "needs_photo": true }] });
    bureau.patch(&draft.path(), other).if_match("*").await.is(200);
    bureau.post(&format!("{}/retire", draft.path()), json!({})).await.is(200);
    bureau.patch(&draft.path(), json!({ "title": "停用后" })).if_match("*").await.refused(IllegalStep);
    let after = bureau.get(&inspection.path()).await.is(200);
    assert_eq!(after["items"], inspection["items"]);
    assert_eq!(bureau.get(&made.path()).await.is(200)["items"], opened["items"]);
    let saved = bureau.patch(&inspection.path(), seen()).if_match(&after.etag()).await.is(200);
    bureau.post(&format!("{}/complete", inspection.path()), json!({})).if_match(&saved.etag()).await.is(200);
    bureau.patch(&made.path(), json!({ "title": "改名" })).if_match("*").await.refused(IllegalStep);
});

both_databases!(an_inspection_is_written_bit_by_bit_and_completed_once_it_is_whole, async |app| {
    let inspection = planned(app).await;
    let (town, path) = (app.town_a(), inspection.path());
    let complete = format!("{path}/complete");
    let told = town.post(&complete, json!({})).await;
    for pointer in ["/held_on", "/conclusion"] {
        assert!(told["errors"].to_string().contains(pointer), "{told:?}");
    }
    let patch = async |body: Value| town.patch(&path, body).if_match("*").await;
    patch(json!({ "held_on": "2020-04-21" })).await.fault("/held_on", "future");
    patch(json!({ "held_on": "2020-04-19" })).await.fault("/held_on", "outside_round");
    patch(json!({ "results": [{ "item": 4, "result": "met" }] })).await.fault("/results/0/item", "unknown");
    let twice = json!({ "results": [{ "item": 1, "result": "met" }, { "item": 1, "result": "partly" }] });
    patch(twice).await.fault("/results/1/item", "duplicate");
    patch(json!({ "pairing_id": inspection.id() })).await.fault("/pairing_id", "fixed");
    patch(json!({ "results": [{ "item": 1, "result": "met" }] })).await.is(200);
    patch(json!({ "held_on": "2020-04-20", "conclusion": "passed" })).await.is(200);
    town.post(&complete, json!({})).await.fault("/results", "items_missing");
    let silent = with(seen(), "/results/1/remark", Value::Null);
    patch(silent).await.is(200);
    town.post(&complete, json!({})).await.fault("/results/1/remark", "required");
    patch(seen()).await.is(200);
    let held = town.post(&complete, json!({})).await.is(200);
    assert_eq!((&held["state"], &held["editable"], &held["allowed_actions"]), (&json!("held"), &json!(false), &json!([])));
    patch(json!({ "summary": "改口" })).await.refused(IllegalStep);
    app.bureau().post(&format!("{path}/cancel"), json!({ "note": "作废" })).await.refused(IllegalStep);
    // The two sides and those above read it, nobody else does.
    for who in [LeadingGroup, VillageA, OrganisationA, Auditor] {
        assert_eq!(app.as_(who).get(&path).await.is(200)["conclusion"], "passed_with_findings", "{who:?}");
    }
    for who in [TownB, VillageB, OrganisationB, OtherBureau] {
        app.as_(who).get(&path).await.refused(NotFound);
        assert_eq!(app.as_(who).get("/inspections").await.is(200)["total"], 0, "{who:?}");
    }
});

both_databases!(of_two_who_write_the_same_inspection_one_is_told, async |app| {
    let inspection = planned(app).await;
    let clients = [app.bureau(), app.town_a()];
    let calls = (0..6).map(|number| {
        clients[number % 2]
            .patch(&inspection.path(), json!({ "summary": format!("第 {number} 稿") }))
            .if_match(&inspection.etag())
    });
    let (made, refused) = at_once(calls).await;
    assert_eq!((made.len(), refused.len()), (1, 5));
    assert!(refused.iter().all(|answer| answer["code"] == "stale_version"));
});

both_databases!(however_many_open_a_round_its_pairings_are_inspected_once, async |app| {
    let (first, _) = app.both_active(campaign(), "2020-04-18").await;
    let body = round(first["campaign_id"].as_str().expect("an id"), &in_use(app).await.id());
    let made = app.bureau().post("/inspection-rounds", body).await.is(201);
    let bureau = app.bureau();
    let (opened, refused) = at_once((0..5).map(|_| bureau.post(&format!("{}/open", made.path()), json!({})))).await;
    assert_eq!((opened.len(), refused.len()), (1, 4));
    assert_eq!(bureau.get(&format!("/inspections?round_id={}", made.id())).await.is(200)["total"], 2);
    let again = json!({ "round_id": made.id(), "pairing_id": first.id(), "planned_on": "2020-04-25" });
    let refused = bureau.post("/inspections", again).await.refused(InspectionExists);
    assert!(refused["existing"].as_str().expect("a path").starts_with("/inspections/"));
});

both_databases!(the_same_lot_is_drawn_again_and_can_be_shown, async |app| {
    let (first, second) = app.both_active(campaign(), "2020-04-18").await;
    let bureau = app.bureau();
    let body = round(first["campaign_id"].as_str().expect("an id"), &in_use(app).await.id());
    let lot = |count: i32, seed: i32| with(body.clone(), "/selection", json!({ "method": "lot", "count": count, "seed": seed }));
    bureau.post("/inspection-rounds", with(lot(1, 7), "/selection/seed", Value::Null)).await.fault("/selection/seed", "required");
    let all_with_seed = with(body.clone(), "/selection/seed", json!(7));
    bureau.post("/inspection-rounds", all_with_seed).await.fault("/selection/seed", "only_by_lot");
    let mut drawn = Vec::new();
    for seed in 0..8 {
        let made = bureau.post("/inspection-rounds", lot(1, seed)).await.is(201);
        let draw = bureau.get(&format!("{}/draw", made.path())).await.is(200);
        assert_eq!((&draw["chosen"], draw["lines"].as_array().expect("lines").len()), (&json!(1), 2));
        let again = bureau.get(&format!("{}/draw", made.path())).await.is(200);
        assert_eq!(draw["lines"], again["lines"]);
        drawn.push((made, draw));
    }
    let chosen = |draw: &Answer| draw["lines"][0]["pairing_id"].clone();
    for pairing in [&first, &second] {
        assert!(drawn.iter().any(|(_, draw)| chosen(draw) == pairing.id()), "everybody can be drawn");
    }
    // The tickets follow from nothing but the seed and codes that are the same on both databases.
    assert_eq!(drawn[0].1["digest"], "da5b5c230156e566243ac3a25bbc82e5e512a36ff862df7f52cc0d78670347de");

    let (made, draw) = &drawn[3];
    let old = json!({ "digest": drawn[4].1["digest"] });
    bureau.post(&format!("{}/open", made.path()), old).await.refused(DrawChanged);
    bureau.post(&format!("{}/open", made.path()), json!({ "digest": draw["digest"] })).await.is(200);
    let inspections = bureau.get(&format!("/inspections?round_id={}", made.id())).await.is(200);
    assert_eq!((&inspections["total"], &inspections.items()[0]["pairing_id"]), (&json!(1), &chosen(draw)));
    // What was drawn is kept, though the pairings change.
    let ended = json!({ "note": "协商一致" });
    bureau.post(&format!("/pairings/{}/terminate", first.id()), ended).await.is(200);
    assert_eq!(bureau.get(&format!("{}/draw", made.path())).await.is(200)["lines"], draw["lines"]);
    let (other, looked_at) = &drawn[5];
    let seen = json!({ "digest": looked_at["digest"] });
    bureau.post(&format!("{}/open", other.path()), seen).await.refused(DrawChanged);
});

both_databases!(a_round_chooses_by_town_goal_overdue_tasks_and_who_was_never_inspected, async |app| {
    let (first, second) = app.both_active(campaign(), "2020-04-18").await;
    let bureau = app.bureau();
    let campaign_id = first["campaign_id"].as_str().expect("an id");
    let body = round(campaign_id, &in_use(app).await.id());
    app.organisation_a().post("/projects", project(&first.id())).await.is(201);
    let chosen = async |selection: Value| {
        let made = bureau.post("/inspection-rounds", with(body.clone(), "/selection", selection)).await.is(201);
        let draw = bureau.get(&format!("{}/draw", made.path())).await.is(200);
        let lines = draw["lines"].as_array().expect("lines").iter();
        (lines.map(|line| line["pairing_id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>(), made)
    };
    let all = chosen(json!({ "method": "all" })).await.0;
    assert_eq!(all, [first.id(), second.id()]);
    assert_eq!(chosen(json!({ "method": "all", "towns": [{ "town_code": TOWN_B }] })).await.0, [second.id()]);
    assert_eq!(chosen(json!({ "method": "all", "goal": "collective_economy" })).await.0, [first.id()]);
    let (none, made) = chosen(json!({ "method": "all", "overdue_tasks": true })).await;
    assert_eq!(none, [""; 0]);
    bureau.post(&format!("{}/open", made.path()), json!({})).await.refused(NothingChosen);

    let (_, made) = chosen(json!({ "method": "all", "towns": [{ "town_code": TOWN_A }] })).await;
    bureau.post(&format!("{}/open", made.path()), json!({})).await.is(200);
    let inspection = app.first(&format!("/inspections?round_id={}", made.id())).await;
    assert_eq!(chosen(json!({ "method": "all", "never_inspected": true })).await.0, [first.id(), second.id()]);
    bureau.patch(&inspection.path(), seen()).if_match("*").await.is(200);
    bureau.post(&format!("{}/complete", inspection.path()), json!({})).await.is(200);
    assert_eq!(chosen(json!({ "method": "all", "never_inspected": true })).await.0, [second.id()]);
    for (pointer, value, code) in [
        ("/selection/towns", json!([{ "town_code": OTHER_TOWN }]), "unknown"),
        ("/selection/towns", json!([{ "town_code": TOWN_A }, { "town_code": TOWN_A }]), "duplicate"),
        ("/ends_on", json!("2020-04-19"), "end_before_start"),
        ("/ends_on", json!("2021-04-30"), "date_outside_campaign"),
        ("/checklist_id", json!(first.id()), "unknown"),
        ("/campaign_id", json!(first.id()), "unknown"),
        ("/inspectors", json!([app.world.accounts[&VillageA].user_id]), "unknown"),
    ] {
        let refused = bureau.post("/inspection-rounds", with(body.clone(), pointer, value)).await.is(422);
        let fault = &refused["errors"][0];
        assert!(fault["pointer"].as_str().expect("a pointer").starts_with(pointer) && fault["code"] == code, "{fault}");
    }
});

both_databases!(a_town_inspects_its_own_and_whoever_is_named_goes_there, async |app| {
    let (first, _) = app.both_active(campaign(), "2020-04-18").await;
    let (bureau, town) = (app.bureau(), app.town_a());
    let campaign_id = first["campaign_id"].as_str().expect("an id");
    let checklist = in_use(app).await;
    let body = round(campaign_id, &checklist.id());
    let made = town.post("/inspection-rounds", with(body.clone(), "/kind", json!("spot"))).await.is(201);
    town.post("/inspection-rounds", with(body.clone(), "/selection/towns", json!([{ "town_code": TOWN_B }])))
        .await
        .fault("/selection/towns/0/town_code", "unknown");
    app.town_b().get(&made.path()).await.refused(NotFound);
    town.post(&format!("{}/open", made.path()), json!({})).await.is(200);
    assert_eq!(town.get(&format!("/inspections?round_id={}", made.id())).await.is(200)["total"], 1);
    assert_eq!((waiting(&town, "hold_inspections").await, waiting(&bureau, "hold_inspections").await), (1, 0));
    bureau.post(&format!("{}/close", made.path()), json!({})).await.refused(InspectionsPlanned);

    // A round of the bureau waits for whoever is named, and for the bureau where nobody is.
    let of_all = open(app, body).await;
    assert_eq!((waiting(&town, "hold_inspections").await, waiting(&bureau, "hold_inspections").await), (1, 2));
    let inspection = app.first(&format!("/inspections?round_id={}&within={TOWN_A}", of_all.id())).await;
    let named = app.world.accounts[&TownA].user_id;
    let patched = bureau.patch(&inspection.path(), json!({ "inspectors": [named] })).if_match("*").await.is(200);
    assert_eq!(patched["inspector_names"], json!(["TownA"]));
    assert_eq!((waiting(&town, "hold_inspections").await, waiting(&bureau, "hold_inspections").await), (2, 1));
    town.post(&format!("{}/close", of_all.path()), json!({})).await.refused(OutsideOwnScope);
    // The town keeps whom the bureau has named, though it could not name them.
    let both = json!({ "inspectors": [app.world.accounts[&Bureau].user_id, named] });
    bureau.patch(&inspection.path(), both.clone()).if_match("*").await.is(200);
    town.patch(&inspection.path(), json!({ "summary": "已约" })).if_match("*").await.is(200);
    town.patch(&inspection.path(), json!({ "inspectors": [app.world.accounts[&TownB].user_id] }))
        .if_match("*")
        .await
        .fault("/inspectors/0", "unknown");

    bureau.post(&format!("{}/cancel", of_all.path()), json!({})).await.fault("/note", "required");
    bureau.post(&format!("{}/cancel", of_all.path()), json!({ "note": "改期" })).await.is(200);
    assert_eq!(bureau.get(&inspection.path()).await.is(200)["state"], "cancelled");
    assert_eq!(waiting(&bureau, "hold_inspections").await, 0);
});

both_databases!(the_mid_year_deadline_is_met_when_the_bureaus_round_is_held, async |app| {
    let mut year = campaign();
    let due = json!({ "kind": "mid_year_inspection", "due_on": "2020-07-31" });
    year["milestones"].as_array_mut().expect("deadlines").push(due);
    let (first, _) = app.both_active(year, "2020-04-18").await;
    let bureau = app.bureau();
    let campaign_id = first["campaign_id"].as_str().expect("an id");
    let state = async || {
        let campaign = bureau.get(&format!("/campaigns/{campaign_id}")).await.is(200);
        let states = campaign["milestone_states"].as_array().expect("states").clone();
        states.into_iter().find(|state| state["kind"] == "mid_year_inspection").expect("the deadline")
    };
    let is = |state: Value, status: &str, done: Value, wanted: Value| {
        assert_eq!((&state["status"], &state["done"], &state["wanted"]), (&json!(status), &done, &wanted));
    };
    is(state().await, "upcoming", Value::Null, Value::Null);
    let made = open(app, round(campaign_id, &in_use(app).await.id())).await;
    is(state().await, "upcoming", json!(0), json!(2));
    let list = bureau.get(&format!("/inspections?round_id={}", made.id())).await.is(200);
    for (item, done) in list.items().iter().zip(["upcoming", "met"]) {
        let path = format!("/inspections/{}", item["id"].as_str().expect("an id"));
        bureau.patch(&path, seen()).if_match("*").await.is(200);
        bureau.post(&format!("{path}/complete"), json!({})).await.is(200);
        assert_eq!(state().await["status"], done);
    }
    is(state().await, "met", json!(2), json!(2));
    let closed = bureau.post(&format!("{}/close", made.path()), json!({})).await.is(200);
    assert_eq!((&closed["state"], &closed["held"], &closed["closed_on"]), (&json!("closed"), &json!(2), &json!("2020-04-20")));
});

both_databases!(a_sheet_that_was_filled_in_without_a_connection_completes_once, async |app| {
    let inspection = planned(app).await;
    let (town, complete) = (app.town_a(), format!("{}/complete", inspection.path()));
    let sheet = with(seen(), "/entry_id", json!(uuid::Uuid::now_v7()));
    let half = with(sheet.clone(), "/results", json!([{ "item": 1, "result": "met" }]));
    town.post(&complete, half).await.fault("/results", "items_missing");
    let cancel = format!("{}/cancel", inspection.path());
    town.post(&cancel, with(sheet.clone(), "/note", json!("改期"))).await.fault("/entry_id", "not_for_step");
    let (made, refused) = at_once((0..4).map(|_| town.post(&complete, sheet.clone()))).await;
    assert_eq!((made.len(), refused.len()), (1, 3));
    assert!(refused.iter().all(|answer| answer["code"] == "already_entered"));
    assert_eq!((&made[0]["state"], &made[0]["held_on"]), (&json!("held"), &json!("2020-04-20")));
    // Another sheet of the same inspection comes too late.
    let other = with(seen(), "/entry_id", json!(uuid::Uuid::now_v7()));
    app.bureau().post(&complete, other).await.refused(IllegalStep);
});

both_databases!(an_item_that_needs_a_photo_is_not_complete_without_one, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let bureau = app.bureau();
    let with_photo = with(checklist(), "/items/0/needs_photo", json!(true));
    let checklist = bureau.post("/checklists", with_photo).await.is(201);
    bureau.post(&format!("{}/release", checklist.path()), json!({})).await.is(200);
    let made = open(app, round(pairing["campaign_id"].as_str().expect("an id"), &checklist.id())).await;
    let inspection = app.first(&format!("/inspections?round_id={}", made.id())).await;
    bureau.patch(&inspection.path(), seen()).if_match("*").await.is(200);
    bureau.post(&format!("{}/complete", inspection.path()), json!({})).await.fault("/results", "photo_missing");
    app.attached(TownA, "inspections", &inspection.id()).await.is(201);
    bureau.post(&format!("{}/complete", inspection.path()), json!({})).await.is(200);
});
