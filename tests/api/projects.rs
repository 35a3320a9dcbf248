//! Projects: agreed, decided, carried out.

use contract::ErrorCode::{self, *};
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
        op("list_projects"),
        op("export_projects"),
        op("create_project")
            .on(active_pairing)
            .body(|_, pairing| project(&pairing.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_project").on(project_draft).only(PARTIES).or(NotFound),
        op("list_project_history").on(project_draft).only(PARTIES).or(NotFound),
        op("update_project")
            .on(project_draft)
            .body(|_, _| json!({ "title": "龙眼干加工" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("read_project_plan").on(project_draft).only(PARTIES).or(NotFound),
        op("update_project_plan")
            .on(project_draft)
            .body(|_, _| json!({ "tasks": [{ "title": "选址", "responsible": "village", "month": "2020-06", "weight": 2 }] }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project")
            .on(project_draft)
            .step("consent")
            .reasons()
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project").on(project_draft).step("approve").reasons().only(&[]).or(NotFound).but(&[
            (Bureau, IllegalStep),
            (TownA, Forbidden),
            (VillageA, Forbidden),
            (OrganisationA, Forbidden),
        ]),
    ],
    example: |app| {
        Box::pin(async {
            let pairing = app.active_village().await;
            app.organisation_a().post("/projects", project(&pairing.id())).await.is(201);
        })
    },
    walked: &["/projects?sort=-updated_at"],
    pages: &[
        ("bureau", "/projects"),
        ("bureau", "/projects/{}"),
        ("town", "/projects/new"),
        ("town", "/projects"),
        ("town", "/projects/{}/edit"),
        ("town", "/projects/{}/plan"),
        ("town", "/projects/{}/plan/edit"),
    ],
};

pub fn project_draft(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.project(next_campaign()).await.into() })
}

/// Takes steps that must succeed, and returns the last answer.
pub async fn steps(app: &TestApp, project: &Answer, steps: &[(Who, &str)]) -> Answer {
    let mut last = project.clone();
    for (who, step) in steps {
        last = app.as_(*who).post(&format!("{}/{step}", project.path()), reasons()).await.is(200);
    }
    last
}

pub fn reasons() -> Value {
    json!({ "note": "按领导小组意见", "on_behalf_reason": "村委会暂无账号" })
}

pub const CONSENTS: &[(Who, &str)] = &[(OrganisationA, "consent"), (VillageA, "consent")];

pub async fn draft(app: &TestApp) -> Answer {
    app.project(campaign()).await
}

async fn running(app: &TestApp) -> Answer {
    let project = draft(app).await;
    app.town_a().post("/tasks", task(&project.id())).await.is(201);
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(TownA, "submit"), (Bureau, "approve"), (VillageA, "start")]).await;
    project
}

both_databases!(a_plan_is_what_both_sides_agreed_to, async |app| {
    let project = draft(app).await;
    assert_eq!((&project["state"], &project["progress_percent"]), (&json!("draft"), &json!(0)));
    assert_eq!(project["allowed_actions"], json!(["consent", "cancel"]));
    let submit = format!("{}/submit", project.path());
    app.organisation_a().post(&submit, json!({})).await.refused(ConsentMissing);
    steps(app, &project, &CONSENTS[..1]).await;
    app.organisation_a().post(&submit, json!({})).await.refused(ConsentMissing);
    app.organisation_a().post(&format!("{}/consent", project.path()), json!({})).await.refused(IllegalStep);
    app.town_a().post(&format!("{}/consent", project.path()), json!({})).await.fault("/on_behalf_reason", "required");
    let agreed = steps(app, &project, &[(TownA, "consent")]).await;
    assert!(agreed["organisation_consented_at"].is_string() && agreed["village_consented_at"].is_string());

    // A side that changes the plan withdraws the other side's consent.
    let changed = app.organisation_a().patch(&project.path(), json!({ "plan": "改为两步" })).if_match(&agreed.etag());
    let changed = changed.await.is(200);
    assert!(changed["organisation_consented_at"].is_string() && changed["village_consented_at"].is_null());
    app.village_a().post(&submit, json!({})).await.refused(ConsentMissing);
    // A side that changes tasks does so too.
    steps(app, &project, &CONSENTS[1..]).await;
    app.village_a().post("/tasks", task(&project.id())).await.is(201);
    let now = app.village_a().get(&project.path()).await.is(200);
    assert!(now["organisation_consented_at"].is_null() && now["village_consented_at"].is_string());
    steps(app, &project, &CONSENTS[..1]).await;
    let submitted = app.village_a().post(&submit, json!({})).await.is(200);
    assert_eq!(submitted["state"], "submitted");

    let history = app.bureau().get(&format!("{}/history?limit=50", project.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().expect("an action")).collect();
    let expected = ["submit", "consent", "change_tasks", "consent", "update", "consent", "consent", "create"];
    assert_eq!(actions, expected);
    assert_eq!(history.items()[5]["on_behalf_reason"], "村委会暂无账号");
});

both_databases!(a_project_goes_its_way_to_acceptance, async |app| {
    let project = draft(app).await;
    let path = project.path();
    let first = app.organisation_a().post("/tasks", with(task(&project.id()), "/weight", json!(30))).await.is(201);
    let second = app.organisation_a().post("/tasks", with(task(&project.id()), "/weight", json!(70))).await.is(201);
    assert_eq!((&first["position"], &second["position"], &first["quarter"]), (&json!(1), &json!(2), &json!("2020-Q2")));
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(OrganisationA, "submit")]).await;
    let return_path = format!("{path}/return");
    app.bureau().post(&return_path, json!({})).await.fault("/note", "required");
    app.town_a().post(&return_path, reasons()).await.refused(Forbidden);
    let returned = steps(app, &project, &[(Bureau, "return")]).await;
    assert_eq!(returned["state"], "returned");
    steps(app, &project, &[(VillageA, "submit"), (Bureau, "approve"), (OrganisationA, "start")]).await;
    app.organisation_a().post(&format!("{path}/complete"), json!({})).await.refused(TasksOpen);

    let finish = |task: &Answer| format!("{}/finish", task.path());
    app.village_a().post(&finish(&first), json!({})).await.refused(Forbidden);
    let done = app.organisation_a().post(&finish(&first), json!({})).await.is(200);
    assert_eq!((&done["state"], &done["done_on"]), (&json!("done"), &json!("2020-04-20")));
    let list = app.village_a().get("/projects").await.is(200);
    assert_eq!((&list.items()[0]["progress_percent"], &list.items()[0]["tasks_total"]), (&json!(30), &json!(2)));
    app.town_a().post(&finish(&second), json!({})).await.is(200);
    assert_eq!(app.bureau().get(&path).await.is(200)["progress_percent"], 100);

    steps(app, &project, &[(Bureau, "suspend")]).await;
    app.organisation_a().post(&format!("{path}/complete"), json!({})).await.refused(IllegalStep);
    steps(app, &project, &[(TownA, "resume"), (TownA, "complete")]).await;
    // A project that is not accepted returns, and comes again.
    let back = steps(app, &project, &[(Bureau, "return")]).await;
    assert_eq!(back["state"], "in_progress");
    let accepted = steps(app, &project, &[(VillageA, "complete"), (Bureau, "accept")]).await;
    assert_eq!((&accepted["state"], &accepted["allowed_actions"]), (&json!("accepted"), &json!([])));
    app.organisation_a().post(&format!("{}/reopen", first.path()), json!({})).await.refused(IllegalStep);

    let pairing = format!("/pairings/{}/complete", project["pairing_id"].as_str().expect("an id"));
    app.bureau().post(&pairing, json!({})).await.is(200);
});

both_databases!(a_pairing_is_not_completed_before_its_projects, async |app| {
    let project = running(app).await;
    let pairing = format!("/pairings/{}", project["pairing_id"].as_str().expect("an id"));
    app.bureau().post(&format!("{pairing}/complete"), json!({})).await.refused(ProjectsOpen);
    assert_eq!(app.bureau().get(&pairing).await.is(200)["state"], "active");
    steps(app, &project, &[(Bureau, "cancel")]).await;
    app.bureau().post(&format!("{pairing}/complete"), json!({})).await.is(200);
    app.organisation_a().post("/projects", project_of(&project)).await.refused(PairingNotConfirmed);
});

fn project_of(other: &Answer) -> Value {
    project(other["pairing_id"].as_str().expect("an id"))
}

both_databases!(a_plan_may_exist_before_the_agreement_and_goes_no_further, async |app| {
    let proposed = app.proposed(campaign()).await;
    app.organisation_a().post("/projects", project(&proposed.id())).await.refused(PairingNotConfirmed);
    app.village_a().post(&format!("{}/accept", proposed.path()), json!({})).await.is(200);
    app.bureau().post(&format!("{}/confirm", proposed.path()), json!({})).await.is(200);
    let project = app.village_a().post("/projects", project(&proposed.id())).await.is(201);
    steps(app, &project, CONSENTS).await;
    app.town_a().post(&format!("{}/submit", project.path()), json!({})).await.refused(PairingNotActive);
});

both_databases!(of_those_who_draft_the_last_project_at_once_one_does, async |app| {
    let first = draft(app).await;
    let drafts = (0..8).map(|count| {
        let client = if count % 2 == 0 { app.organisation_a() } else { app.village_a() };
        let body = project_of(&first);
        async move { client.post("/projects", body).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) = join_all(drafts).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    refused.into_iter().for_each(|answer| drop(answer.refused(ProjectLimit)));
    app.village_a().post(&format!("{}/cancel", first.path()), json!({})).await.fault("/note", "required");
    steps(app, &first, &[(VillageA, "cancel")]).await;
    app.town_a().post("/projects", project_of(&first)).await.is(201);
    app.town_a().post("/projects", project_of(&first)).await.refused(ProjectLimit);
});

both_databases!(a_project_names_each_fault, async |app| {
    let made = draft(app).await;
    let good = project_of(&made);
    for (pointer, value, at, code) in [
        ("/starts_on", json!("2020-04-14"), "/starts_on", "date_outside_campaign"),
        ("/ends_on", json!("2021-01-01"), "/ends_on", "date_outside_campaign"),
        ("/ends_on", json!("2020-04-30"), "/ends_on", "end_before_start"),
        ("/budget_fen", json!(99), "/funding", "exceeds_budget"),
        ("/budget_fen", json!(-1), "/budget_fen", "range"),
        ("/funding/1/source", json!("own_funds"), "/funding/1/source", "duplicate"),
        ("/funding/0/amount_fen", json!(0), "/funding/0/amount_fen", "range"),
        ("/funding/0/source", json!("lottery"), "/funding/0/source", "type"),
        ("/expected_outcomes/0/target", json!(0), "/expected_outcomes/0/target", "range"),
        ("/spent_fen", json!(1), "/spent_fen", "not_started"),
        ("/plan", json!("长".repeat(10_001)), "/plan", "length"),
        ("/goal", Value::Null, "/goal", "required"),
        ("/colour", json!("red"), "/colour", "unknown_field"),
        ("/pairing_id", json!(made.id()), "/pairing_id", "unknown"),
    ] {
        app.organisation_a().post("/projects", with(good.clone(), pointer, value)).await.fault(at, code);
    }
    let moved = app.organisation_a().patch(&made.path(), json!({ "pairing_id": made.id() })).if_match(&made.etag());
    moved.await.fault("/pairing_id", "fixed");
    app.organisation_a().patch(&made.path(), json!({ "title": "改" })).await.refused(PreconditionRequired);
    app.organisation_a().patch(&made.path(), json!({ "title": "改名" })).if_match("\"9\"").await.refused(StaleVersion);

    let task_body = task(&made.id());
    for (pointer, value, at, code) in [
        ("/month", json!("2020-04"), "/month", "date_outside_project"),
        ("/month", json!("2020-13"), "/month", "type"),
        ("/due_on", json!("2020-12-31"), "/due_on", "date_outside_project"),
        ("/due_on", json!("2020-05-31"), "/due_on", "end_before_start"),
        ("/weight", json!(101), "/weight", "range"),
        ("/project_id", json!(made["pairing_id"]), "/project_id", "unknown"),
    ] {
        app.organisation_a().post("/tasks", with(task_body.clone(), pointer, value)).await.fault(at, code);
    }
    app.organisation_a().post("/tasks", task_body).await.is(201);
    let now = app.organisation_a().get(&made.path()).await.is(200);
    let shorter = app.organisation_a().patch(&made.path(), json!({ "ends_on": "2020-06-15" })).if_match(&now.etag());
    shorter.await.fault("/ends_on", "tasks_outside");
});

both_databases!(overspending_and_lateness_are_shown, async |app| {
    let project = running(app).await;
    let path = project.path();
    let now = app.organisation_a().get(&path).await.is(200);
    let spend = |who: Who, fen: i64, etag: String| {
        let call = app.as_(who).patch(&path, json!({ "spent_fen": fen })).if_match(&etag);
        async move { call.await }
    };
    spend(VillageA, 1, now.etag()).await.refused(Forbidden);
    let spent = spend(OrganisationA, 1_000_000, now.etag()).await.is(200);
    assert_eq!(spent["over_budget"], false);
    let over = spend(OrganisationA, 1_000_001, spent.etag()).await.is(200);
    assert_eq!(over["over_budget"], true);
    let plan = app.organisation_a().patch(&path, json!({ "plan": "另一个" })).if_match(&over.etag());
    plan.await.refused(IllegalStep);

    let count = |query: &'static str| async move { app.bureau().get(query).await.is(200)["total"].clone() };
    assert_eq!(count("/projects?over_budget=true").await, 1);
    assert_eq!(count("/projects?over_budget=false").await, 0);
    assert_eq!(count("/projects?overdue=true").await, 0);
    app.clock.set(noon("2020-06-30"));
    assert_eq!(count("/tasks?overdue=true").await, 0);
    app.clock.set(noon("2020-07-01"));
    assert_eq!(count("/tasks?overdue=true").await, 1);
    assert_eq!(count("/tasks?overdue=false").await, 0);
    assert_eq!(count("/tasks?due_before=2020-06-30").await, 0);
    assert_eq!(count("/tasks?state=open&month=2020-06&responsible=organisation&q=选址").await, 1);
    assert_eq!(count("/projects?overdue=true").await, 1);
    let late = app.town_a().get("/tasks?waits_for_me=true").await.is(200);
    assert_eq!((&late.items()[0]["overdue"], &late.items()[0]["project_title"]), (&json!(true), &json!("龙眼深加工")));
    assert_eq!(app.village_a().get(&path).await.is(200)["overdue"], true);
    for query in ["/tasks?month=2020-7", "/tasks?overdue=yes", "/projects?goal=nothing"] {
        app.bureau().get(query).await.refused(ValidationFailed);
    }
});

both_databases!(what_waits_for_whom, async |app| {
    let project = draft(app).await;
    let waiting = |who: Who| async move { app.as_(who).get("/projects?waits_for_me=true").await.is(200)["total"].clone() };
    assert_eq!((waiting(OrganisationA).await, waiting(VillageA).await), (json!(1), json!(1)));
    assert_eq!(waiting(Bureau).await, 0);
    steps(app, &project, CONSENTS).await;
    assert_eq!((waiting(OrganisationA).await, waiting(TownA).await), (json!(0), json!(0)));
    steps(app, &project, &[(TownA, "submit")]).await;
    assert_eq!((waiting(Bureau).await, waiting(Auditor).await), (json!(1), json!(0)));
});

both_databases!(a_project_and_its_tasks_are_nothing_that_others_can_change, async |app| {
    let project = draft(app).await;
    let task = app.town_a().post("/tasks", task(&project.id())).await.is(201);
    for who in [TownB, VillageB, OrganisationB, OtherBureau] {
        let client = app.as_(who);
        for path in [project.path(), task.path()] {
            client.post(&format!("{path}/cancel"), reasons()).await.refused(NotFound);
            client.patch(&path, json!({ "title": "改名" })).if_match("\"1\"").await.refused(NotFound);
        }
        let refusal = client.post("/tasks", crate::support::task(&project.id())).await;
        let expected: ErrorCode = if who == OtherBureau { Forbidden } else { ValidationFailed };
        refusal.refused(expected);
    }
    app.bureau().post("/projects", project_of(&project)).await.refused(Forbidden);
    app.bureau().patch(&project.path(), json!({ "title": "改名" })).if_match(&project.etag()).await.refused(Forbidden);
});

both_databases!(evidence_is_attached_until_the_project_is_over, async |app| {
    let project = running(app).await;
    let attach = async |who: Who| {
        let fields = [("object_type", "projects"), ("object_id", &*project.id())];
        app.as_(who).upload("/attachments", &fields, ("验收.pdf", "application/pdf", PDF)).await
    };
    attach(VillageA).await.is(201);
    attach(OrganisationA).await.is(201);
    attach(Bureau).await.refused(OutsideOwnScope);
    attach(VillageB).await.refused(NotFound);
    steps(app, &project, &[(Bureau, "cancel")]).await;
    attach(VillageA).await.refused(OutsideOwnScope);
});
