//! 研究选定1-2个合作项目，联合确定合作的形式与机制，共同拟制合作的方案; 将具体任务分解到季度、落实到月.

use contract::ErrorCode::*;
use serde_json::json;

use super::catalogue::{Supply, amounts};
use super::{Pairs, reasons};
use crate::support::Who::*;
use crate::support::*;

/// Both sides of the first pairing, and the town that guides them.
const BOTH: [Who; 3] = [OrganisationA, VillageA, TownA];

/// The two projects of the first pairing, both in progress.
pub struct Projects {
    pub workshop: Answer,
    pub road: Answer,
    /// The workshop's tasks, from June to November.
    pub tasks: Vec<Answer>,
    pub road_task: Answer,
}

pub async fn act(app: &TestApp, pairs: &Pairs, supply: &Supply) -> Projects {
    app.clock.set(noon("2020-05-25"));
    // It takes of what the village needs, and all of what the organisation offers.
    let taken = json!([{ "entry_id": supply.need.id(), "quantity": 4 }, { "entry_id": supply.offer.id(), "quantity": 1 }]);
    let plan = with(project(&pairs.proposed.id()), "/commitments", taken);
    // What the pairing has set aside goes over to its project.
    assert_eq!(amounts(app, &supply.need).await, [0, 3, 0, 7]);
    let workshop = app.make("/projects", plan, "/pairing_id", &pairs.proposed, &BOTH, &[]).await;
    assert_eq!(amounts(app, &supply.need).await, [4, 0, 0, 6]);
    let road = with(project(&pairs.proposed.id()), "/title", json!("村道硬化"));
    let road = app.village_a().post("/projects", with(road, "/goal", json!("infrastructure"))).await.is(201);
    // 1-2个: nobody can create a third project.
    for who in BOTH {
        app.as_(who).post("/projects", project(&pairs.proposed.id())).await.refused(ProjectLimit);
    }
    let tasks = planned_by_month(app, &workshop).await;
    let road_task = app.village_a().post("/tasks", with(task(&road.id()), "/responsible", json!("village"))).await.is(201);
    let workshop = agreed(app, workshop).await;
    let workshop = decided(app, workshop).await;
    for (who, step) in
        [(OrganisationA, "consent"), (VillageA, "consent"), (OrganisationA, "submit"), (Bureau, "approve"), (VillageA, "start")]
    {
        app.as_(who).post(&format!("{}/{step}", road.path()), json!({})).await.is(200);
    }
    app.organisation_a().post(&format!("{}/finish", tasks[0].path()), json!({})).await.refused(IllegalStep);
    app.village_a().post(&format!("{}/complete", workshop.path()), json!({})).await.refused(IllegalStep);
    let workshop = app.step(&workshop, "start", reasons(), &[VillageA, OrganisationA, TownA], &[]).await;
    assert_eq!(workshop["state"], "in_progress");
    assert_eq!((amounts(app, &supply.need).await, amounts(app, &supply.offer).await), ([0, 4, 0, 6], [0, 1, 0, 0]));
    Projects { workshop, road, tasks, road_task }
}

async fn planned_by_month(app: &TestApp, workshop: &Answer) -> Vec<Answer> {
    let june = app.make("/tasks", task(&workshop.id()), "/project_id", workshop, &BOTH, &[]).await;
    assert_eq!((&june["quarter"], &june["position"]), (&json!("2020-Q2"), &json!(1)));
    let mut tasks = vec![june];
    // The other months are planned together, in one request.
    let path = format!("{}/plan", workshop.path());
    let rows = (7..=11).map(|month| {
        let responsible = if month % 2 == 0 { "village" } else { "organisation" };
        json!({
            "month": format!("2020-{month:02}"), "title": format!("{month}月任务"), "responsible": responsible,
            "due_on": format!("2020-{month:02}-28"),
        })
    });
    let rows = json!({ "tasks": rows.collect::<Vec<_>>() });
    let seen = app.town_a().get(&path).await.is(200);
    app.bureau().patch(&path, rows.clone()).if_match(&seen.etag()).await.refused(Forbidden);
    app.as_(TownB).patch(&path, rows.clone()).if_match(&seen.etag()).await.refused(NotFound);
    let plan = app.town_a().patch(&path, rows).if_match(&seen.etag()).await.is(200);
    let planned = plan["tasks"].as_array().expect("tasks");
    let quarters: Vec<_> = planned.iter().map(|task| task["quarter"].clone()).collect();
    assert_eq!(quarters, ["2020-Q2", "2020-Q3", "2020-Q3", "2020-Q3", "2020-Q4", "2020-Q4"]);
    for task in &planned[1..] {
        let id = task["id"].as_str().expect("an id");
        tasks.push(app.town_a().get(&format!("/tasks/{id}")).await.is(200));
    }
    tasks
}

/// 共同商定: a project can be submitted only as both sides have agreed to it.
async fn agreed(app: &TestApp, workshop: Answer) -> Answer {
    let submit = format!("{}/submit", workshop.path());
    app.organisation_a().post(&submit, json!({})).await.refused(ConsentMissing);
    let half = app.step(&workshop, "consent", reasons(), &BOTH, &[]).await;
    app.town_a().post(&submit, json!({})).await.refused(ConsentMissing);
    let agreed = app.step(&half, "consent", reasons(), &[VillageA, TownA], &[(OrganisationA, IllegalStep)]).await;
    assert_eq!(agreed["state"], "draft");
    app.bureau().post(&format!("{}/approve", agreed.path()), json!({})).await.refused(IllegalStep);
    app.step(&agreed, "submit", reasons(), &[TownA, OrganisationA, VillageA], &[]).await
}

/// The project is returned with a reason, changed, agreed to again, and approved.
async fn decided(app: &TestApp, submitted: Answer) -> Answer {
    let plan = json!({ "plan": "六月选址，八月动工，十一月投产" });
    let change = app.organisation_a().patch(&submitted.path(), plan.clone()).if_match(&submitted.etag());
    assert_eq!(change.await.refused(IllegalStep)["state"], "submitted");
    app.bureau().post(&format!("{}/return", submitted.path()), json!({})).await.fault("/note", "required");
    let returned = app.step(&submitted, "return", reasons(), &[Bureau], &[]).await;
    assert_eq!(returned["state"], "returned");
    let changed = app.edit(&returned, plan, &BOTH, &[]).await;
    assert!(changed["organisation_consented_at"].is_string() && changed["village_consented_at"].is_null());
    app.organisation_a().post(&format!("{}/submit", changed.path()), json!({})).await.refused(ConsentMissing);
    let agreed = app.step(&changed, "consent", reasons(), &[VillageA, TownA], &[(OrganisationA, IllegalStep)]).await;
    app.organisation_a().post(&format!("{}/submit", agreed.path()), json!({})).await.is(200);
    app.step(&agreed, "approve", reasons(), &[Bureau], &[]).await
}
