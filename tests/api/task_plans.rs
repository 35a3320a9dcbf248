//! A project's plan as a grid, in one request.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::projects::{CONSENTS, draft, steps};
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// A row of the grid.
pub fn planned(title: &str, responsible: &str, month: &str) -> Value {
    json!({ "title": title, "responsible": responsible, "month": month })
}

/// Six tasks, one a month.
pub fn six() -> Value {
    let titles = ["选址", "立项公示", "采购设备", "安装调试", "试运行", "验收"];
    let rows = titles.iter().zip(6..).map(|(title, month)| planned(title, "organisation", &format!("2020-{month:02}")));
    json!({ "tasks": rows.collect::<Vec<_>>() })
}

fn path(project: &Answer) -> String {
    format!("{}/plan", project.path())
}

/// The rows of a plan as they are sent back.
fn rows(plan: &Answer) -> Vec<Value> {
    let fields = ["id", "title", "responsible", "month", "due_on", "weight"];
    let tasks = plan["tasks"].as_array().expect("tasks").iter().filter(|task| task["state"] == "open");
    tasks.map(|task| fields.iter().map(|name| ((*name).to_owned(), task[*name].clone())).collect()).collect()
}

both_databases!(six_tasks_are_planned_in_one_request, async |app| {
    let project = draft(app).await;
    steps(app, &project, CONSENTS).await;
    let organisation = app.organisation_a();
    let empty = organisation.get(&path(&project)).await.is(200);
    assert_eq!((&empty["tasks"], &empty["editable"], &empty["version"]), (&json!([]), &json!(true), &json!(1)));
    app.statements.take();
    let plan = organisation.patch(&path(&project), six()).if_match(&empty.etag()).await.is(200);
    let statements = app.statements.take().len();
    let tasks = plan["tasks"].as_array().expect("tasks");
    let told: Vec<_> = tasks.iter().map(|task| (&task["month"], &task["due_on"], &task["position"])).collect();
    assert_eq!(told.len(), 6);
    assert_eq!(told[0], (&json!("2020-06"), &json!("2020-06-30"), &json!(1)));
    assert_eq!(told[5], (&json!("2020-11"), &json!("2020-11-30"), &json!(6)));
    assert_eq!(tasks[0]["quarter"], "2020-Q2");
    assert_eq!(organisation.get(&path(&project)).await.is(200)["version"], plan["version"]);

    // Any change of the plan withdraws what the other side consented to, once.
    let now = app.bureau().get(&project.path()).await.is(200);
    assert!(now["village_consented_at"].is_null() && now["organisation_consented_at"].is_string());
    let events = app.bureau().get(&format!("{}/history", project.path())).await.is(200);
    assert_eq!(events.items().iter().filter(|entry| entry["action"] == "change_tasks").count(), 1);
    let id = tasks[2]["id"].as_str().expect("an id");
    let made = app.bureau().get(&format!("/tasks/{id}/history")).await.is(200);
    assert_eq!((made["total"].clone(), made.items()[0]["action"].clone()), (json!(1), json!("create")));

    // New rows cost the same, however many.
    let many: Vec<_> = (0..60).map(|number| planned(&format!("任务{number}"), "village", "2020-07")).collect();
    app.statements.take();
    organisation.patch(&path(&project), json!({ "tasks": many })).if_match(&plan.etag()).await.is(200);
    assert!(app.statements.take().len() <= statements);
});

both_databases!(faults_of_a_plan_are_at_its_cells_and_nothing_of_it_is_written, async |app| {
    let project = draft(app).await;
    let other = crate::support::project(project["pairing_id"].as_str().expect("an id"));
    let other = app.organisation_a().post("/projects", with(other, "/title", json!("村道硬化"))).await.is(201);
    let foreign = app.town_a().post("/tasks", task(&other.id())).await.is(201);
    let seen = app.village_a().get(&path(&project)).await.is(200);
    let patch = |tasks: Value| app.village_a().patch(&path(&project), json!({ "tasks": tasks })).if_match(&seen.etag());
    let good = planned("选址", "village", "2020-06");
    let wrong = with(planned("完工", "village", "2020-12"), "/due_on", json!("2020-12-31"));
    let early = with(planned("开工", "village", "2020-08"), "/due_on", json!("2020-07-01"));
    let strange = with(good.clone(), "/id", json!(foreign.id()));
    let refused = patch(json!([good, wrong, early, strange])).await;
    let at: Vec<_> = refused["errors"].as_array().expect("faults").iter().map(|fault| fault["pointer"].clone()).collect();
    assert_eq!(at, ["/tasks/1/month", "/tasks/1/due_on", "/tasks/2/due_on", "/tasks/3/id"]);
    patch(json!([good, with(good.clone(), "/title", json!("  "))])).await.fault("/tasks/1/title", "blank");
    assert_eq!(app.village_a().get(&path(&project)).await.is(200)["tasks"], json!([]));

    let plan = patch(json!([good])).await.is(200);
    let row = rows(&plan).remove(0);
    let twice = app.village_a().patch(&path(&project), json!({ "tasks": [row, row] })).if_match(&plan.etag());
    twice.await.fault("/tasks/1/id", "duplicate");
    let full: Vec<_> = (0..200).map(|_| good.clone()).collect();
    let full = app.village_a().patch(&path(&project), json!({ "tasks": full })).if_match(&plan.etag());
    full.await.fault("/tasks", "too_many");
    // What comes one by one can be more than a plan shows.
    let rest: Vec<_> = (0..199).map(|_| good.clone()).collect();
    let rest = app.village_a().patch(&path(&project), json!({ "tasks": rest })).if_match(&plan.etag()).await.is(200);
    assert!(rest["left_out"].is_null());
    app.village_a().post("/tasks", task(&project.id())).await.is(201);
    let more = app.village_a().get(&path(&project)).await.is(200);
    assert_eq!(more["left_out"], format!("/tasks?project_id={}&sort=month", project.id()));
    let more = app.village_a().patch(&path(&project), json!({ "tasks": [good] })).if_match(&more.etag());
    more.await.fault("/tasks", "too_many");
});

both_databases!(tasks_are_renamed_and_moved_and_what_is_done_or_left_out_stays, async |app| {
    let project = draft(app).await;
    let town = app.town_a();
    let empty = town.get(&path(&project)).await.is(200);
    town.patch(&path(&project), six()).if_match(&empty.etag()).await.is(200);
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(TownA, "submit")]).await;
    let submitted = town.get(&path(&project)).await.is(200);
    assert_eq!(submitted["editable"], false);
    town.patch(&path(&project), six()).if_match(&submitted.etag()).await.refused(IllegalStep);
    steps(app, &project, &[(Bureau, "approve"), (TownA, "start")]).await;
    let seen = town.get(&path(&project)).await.is(200);
    let first = seen["tasks"][0]["id"].as_str().expect("an id").to_owned();
    town.post(&format!("/tasks/{first}/finish"), json!({})).await.is(200);
    // What somebody else has done meanwhile is not overwritten.
    town.patch(&path(&project), six()).if_match(&seen.etag()).await.refused(StaleVersion);

    let seen = town.get(&path(&project)).await.is(200);
    let mut tasks = rows(&seen);
    assert_eq!(tasks.len(), 5, "what is done is not sent");
    let done = with(tasks[0].clone(), "/id", json!(first));
    town.patch(&path(&project), json!({ "tasks": [done] })).if_match(&seen.etag()).await.fault("/tasks/0/id", "unknown");
    tasks[0] = with(tasks[0].clone(), "/title", json!("公示立项"));
    tasks[1] = with(with(tasks[1].clone(), "/month", json!("2020-09")), "/due_on", Value::Null);
    tasks.truncate(3);
    let after = town.patch(&path(&project), json!({ "tasks": tasks })).if_match(&seen.etag()).await.is(200);
    let told: Vec<_> = after["tasks"].as_array().expect("tasks").iter().map(|task| (&task["title"], &task["due_on"])).collect();
    let expected = [
        ("选址", "2020-06-30"),
        ("公示立项", "2020-07-31"),
        ("采购设备", "2020-09-30"),
        ("安装调试", "2020-09-30"),
        ("试运行", "2020-10-31"),
        ("验收", "2020-11-30"),
    ];
    assert_eq!(told, expected.map(|(title, due)| (json!(title), json!(due))).iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    assert_eq!((&after["tasks"][0]["state"], &after["tasks"][3]["version"]), (&json!("done"), &json!(1)));

    // The same once more changes nothing.
    let events = app.number("SELECT COUNT(*) FROM audit_events").await;
    let again = town.patch(&path(&project), json!({ "tasks": rows(&after) })).if_match(&after.etag()).await.is(200);
    assert_eq!(again.etag(), after.etag());
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events").await, events);
    let bureau = app.bureau();
    bureau.patch(&path(&project), json!({ "tasks": rows(&after) })).if_match(&after.etag()).await.refused(Forbidden);
});

both_databases!(of_those_who_plan_at_once_one_does, async |app| {
    let project = draft(app).await;
    let clients = [app.organisation_a(), app.village_a(), app.town_a()];
    let seen = clients[0].get(&path(&project)).await.is(200);
    let calls = (0..9).map(|number| clients[number % 3].patch(&path(&project), six()).if_match(&seen.etag()));
    let (won, lost) = at_once(calls).await;
    assert_eq!((won.len(), lost.len()), (1, 8));
    for answer in lost {
        answer.refused(StaleVersion);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM tasks").await, 6);
});
