//! Tasks of projects.

use contract::ErrorCode::*;
use serde_json::json;

use super::Domain;
use super::authorization::{Made, next_campaign, op};
use super::deadlines::waiting;
use super::pairings::PARTIES;
use super::projects::{CONSENTS, draft, project_draft, reasons, steps};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_tasks"),
        op("export_tasks"),
        op("create_task")
            .on(project_draft)
            .body(|_, project| task(&project.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_task").on(open_task).only(PARTIES).or(NotFound),
        op("list_task_history").on(open_task).only(PARTIES).or(NotFound),
        op("update_task")
            .on(open_task)
            .body(|_, _| json!({ "weight": 3 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_task")
            .on(open_task)
            .step("cancel")
            .reasons()
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
    ],
    example: |app| {
        Box::pin(async {
            let project = app.first("/projects").await;
            app.town_a().post("/tasks", task(&project.id())).await.is(201);
        })
    },
    walked: &["/tasks?sort=due_on"],
    pages: &[
        ("bureau", "/tasks"),
        ("bureau", "/tasks/{}"),
        ("town", "/tasks/new"),
        ("town", "/tasks"),
        ("town", "/tasks/{}/edit"),
    ],
};

fn open_task(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let project = app.project(next_campaign()).await;
        app.town_a().post("/tasks", task(&project.id())).await.is(201).into()
    })
}

both_databases!(a_task_is_late_on_the_day_after_the_last_everywhere, async |app| {
    let project = app.project(campaign()).await;
    app.organisation_a().post("/tasks", task(&project.id())).await.is(201);
    for (client, step) in [
        (app.organisation_a(), "consent"),
        (app.village_a(), "consent"),
        (app.organisation_a(), "submit"),
        (app.bureau(), "approve"),
        (app.organisation_a(), "start"),
    ] {
        client.post(&format!("{}/{step}", project.path()), json!({})).await.is(200);
    }
    let dashboard = format!("/dashboard?campaign_id={}", project["campaign_id"].as_str().expect("an id"));
    for (at, late) in [("2020-06-29T15:59:59Z", false), ("2020-06-30T15:59:59Z", false), ("2020-06-30T16:00:00Z", true)] {
        app.clock.set(instant(at));
        let bureau = app.bureau();
        let count = async |path: &str| bureau.get(path).await.is(200)["total"].clone();
        let (yes, no) = (json!(u8::from(late)), json!(u8::from(!late)));
        for of in ["/tasks", "/projects"] {
            assert_eq!(
                (count(&format!("{of}?overdue=true")).await, count(&format!("{of}?overdue=false")).await),
                (yes.clone(), no.clone()),
                "{at} {of}"
            );
            assert_eq!(bureau.get(of).await.is(200).items()[0]["overdue"], late, "{at} {of}");
        }
        assert_eq!(bureau.get(&project.path()).await.is(200)["overdue"], late, "{at}");
        assert_eq!(waiting(&app.organisation_a(), "overdue_tasks").await.len(), usize::from(late), "{at}");
        assert_eq!(waiting(&app.organisation_a(), "due_tasks").await.len(), usize::from(!late), "{at}");
        for within in ["", "&within=350582104", "&within=350582104206"] {
            let dashboard = bureau.get(&format!("{dashboard}{within}")).await.is(200);
            let concerns = dashboard["concerns"].as_array().expect("concerns");
            let tasks = concerns.iter().find(|concern| concern["concern"] == "overdue_tasks").expect("the concern");
            assert_eq!(tasks["records"]["value"], yes, "{at} {within}");
        }
    }
});

both_databases!(nothing_starts_without_tasks_and_no_task_changes_while_the_bureau_decides, async |app| {
    let project = draft(app).await;
    let task = app.organisation_a().post("/tasks", task(&project.id())).await.is(201);
    steps(app, &project, CONSENTS).await;
    steps(app, &project, &[(VillageA, "submit")]).await;
    let submitted = app.organisation_a().get(&project.path()).await.is(200);
    let patch = |path: String, etag: String| async move {
        app.organisation_a().patch(&path, json!({ "title": "改个名" })).if_match(&etag).await
    };
    patch(project.path(), submitted.etag()).await.refused(IllegalStep);
    patch(task.path(), task.etag()).await.refused(IllegalStep);
    app.organisation_a().post("/tasks", crate::support::task(&project.id())).await.refused(IllegalStep);
    steps(app, &project, &[(Bureau, "approve")]).await;
    app.village_a().post(&format!("{}/cancel", task.path()), reasons()).await.is(200);
    app.village_a().post(&format!("{}/start", project.path()), json!({})).await.refused(TasksMissing);
    app.village_a().post(&format!("{}/reopen", task.path()), reasons()).await.is(200);
    app.village_a().post(&format!("{}/start", project.path()), json!({})).await.is(200);
});
