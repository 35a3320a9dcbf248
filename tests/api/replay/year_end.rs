//! 年终验收: projects are accepted, pairings completed; agreements run to the end of their year.

use baishe::startup;
use contract::ErrorCode::*;
use serde_json::json;

use super::catalogue::{Supply, amounts};
use super::projects::Projects;
use super::{Pairs, Year, reasons};
use crate::support::Who::*;
use crate::support::*;

pub async fn act(app: &TestApp, year: &Year, pairs: &Pairs, supply: &Supply, projects: Projects) {
    app.clock.set(noon("2020-12-10"));
    nothing_begins_any_more(app, year).await;
    let Projects { workshop, road, tasks, road_task } = projects;
    let pairing = format!("{}/complete", pairs.proposed.path());
    app.bureau().post(&pairing, json!({})).await.refused(ProjectsOpen);
    app.village_a().post(&format!("{}/complete", workshop.path()), json!({})).await.refused(TasksOpen);
    for task in tasks[1..].iter().chain([&road_task]) {
        app.town_a().post(&format!("{}/finish", task.path()), json!({})).await.is(200);
    }
    let writers = [OrganisationA, VillageA, TownA];
    let completed = app.step(&workshop, "complete", reasons(), &writers, &[]).await;
    assert_eq!(completed["progress_percent"], 100);
    let offer = app.organisation_a().get(&supply.offer.path()).await.is(200);
    assert_eq!((amounts(app, &supply.need).await, &offer["state"]), ([0, 0, 4, 6], &json!("fulfilled")));
    app.bureau().post(&pairing, json!({})).await.refused(ProjectsOpen);
    // A project that is not accepted returns, and comes again.
    let back = app.step(&completed, "return", reasons(), &[Bureau], &[]).await;
    assert_eq!(back["state"], "in_progress");
    assert_eq!((amounts(app, &supply.need).await, amounts(app, &supply.offer).await), ([0, 4, 0, 6], [0, 1, 0, 0]));
    let completed = app.step(&back, "complete", reasons(), &writers, &[]).await;
    let accepted = app.step(&completed, "accept", reasons(), &[Bureau], &[]).await;
    assert_eq!((&accepted["state"], &accepted["allowed_actions"]), (&json!("accepted"), &json!([])));
    app.organisation_a().post(&format!("{}/reopen", tasks[0].path()), json!({})).await.refused(IllegalStep);
    app.bureau().post(&pairing, json!({})).await.refused(ProjectsOpen);
    for (who, step) in [(VillageA, "complete"), (Bureau, "accept")] {
        app.as_(who).post(&format!("{}/{step}", road.path()), json!({})).await.is(200);
    }
    for pairing in [&pairs.proposed, &pairs.recommended, &pairs.asked, &pairs.on_behalf] {
        let done = app.step(pairing, "complete", reasons(), &[Bureau], &[]).await;
        assert_eq!((&done["state"], &done["ended_on"]), (&json!("completed"), &json!("2020-12-10")));
    }
    app.organisation_a().post("/projects", project(&pairs.proposed.id())).await.refused(PairingNotConfirmed);
    // The year of a pair that is over waits for nobody, and shows what was done month by month.
    let shown = app.organisation_a().get(&format!("{}/year", pairs.proposed.path())).await.is(200);
    assert_eq!((&shown["steps"], &shown["late"], shown["projects"].as_array().map(Vec::len)), (&json!([]), &json!(0), Some(2)));
    let done = |month: &serde_json::Value| {
        month["tasks"].as_array().is_some_and(|tasks| tasks.iter().all(|task| task["state"] == "done"))
    };
    assert!(shown["months"].as_array().expect("months").iter().all(done));
    app.village_a().get(&format!("{}/task-book", pairs.proposed.path())).await.is(200);

    let done = json!({ "milestones": [{ "kind": "acceptance", "due_on": "2020-12-31", "done_on": "2020-12-10" }] });
    let campaign = app.bureau().get(&year.campaign.path()).await.is(200);
    let campaign = app.edit(&campaign, done, &[Bureau], &[]).await;
    assert_eq!(campaign["milestone_states"][0]["status"], "met");
    let board = app.as_(LeadingGroup).get(&format!("/dashboard?campaign_id={}", campaign.id())).await.is(200);
    let states = board["pairings_by_state"].as_array().expect("states").clone();
    let completed = states.iter().find(|state| state["state"] == "completed").expect("all states are there");
    assert_eq!(completed["pairings"]["value"], 4);

    // 为期一年: an agreement signed in May ends in May.
    app.clock.set(noon("2021-05-17"));
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get("/agreements?state=signed").await.is(200)["total"], 4);
    let need = app.village_a().get(&supply.need.path()).await.is(200);
    assert_eq!((&need["state"], &need["fulfilled"]), (&json!("expired"), &json!(4)), "what was given stays so");
    app.clock.set(noon("2021-05-18"));
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get("/agreements?state=expired").await.is(200)["total"], 4);
}

/// December is for summing up, so nothing new begins.
async fn nothing_begins_any_more(app: &TestApp, year: &Year) {
    let before = app.written().await;
    let village = json!({ "campaign_id": year.campaign.id(), "village_code": "350582104205" });
    app.town_a().post("/enrolments", village).await.refused(OutsidePhase);
    let two = json!({
        "campaign_id": year.campaign.id(), "organisation_id": app.world.organisation_a, "village_code": VILLAGE_B,
    });
    app.organisation_a().post("/pairings", two).await.refused(OutsidePhase);
    assert_eq!(app.written().await, before);
}
