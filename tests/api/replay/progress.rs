//! June on site: what was done, what came of it, with evidence.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::projects::Projects;
use super::{Pairs, reasons};
use crate::support::Who::*;
use crate::support::*;

/// Both sides of the first pairing, and the town that guides them.
const BOTH: [Who; 3] = [OrganisationA, VillageA, TownA];

/// Writes June's progress of the first pairing.
pub async fn act(app: &TestApp, pairs: &Pairs, projects: &Projects) -> Answer {
    app.clock.set(noon("2020-06-20"));
    let update = written(app, pairs).await;
    for (who, pairing, content, progress) in
        [(OrganisationB, &pairs.recommended, "=助学金", "已走访5户"), (VillageB, &pairs.asked, "电商培训\n两场", "第一场已办")]
    {
        let body = json!({ "pairing_id": pairing.id(), "month": "2020-06", "content": content, "progress": progress });
        app.as_(who).post("/progress-updates", body).await.is(201);
    }
    let task = app.step(&projects.tasks[0], "finish", reasons(), &[OrganisationA, TownA], &[]).await;
    assert_eq!(task["done_on"], "2020-06-20");
    let workshop = app.bureau().get(&projects.workshop.path()).await.is(200);
    assert_eq!((&workshop["progress_percent"], &workshop["tasks_total"]), (&json!(16), &json!(6)));
    results(app, pairs, projects, &update).await;
    update
}

async fn written(app: &TestApp, pairs: &Pairs) -> Answer {
    let june = json!({
        "pairing_id": pairs.proposed.id(), "month": "2020-06", "content": "共建龙眼加工车间", "progress": "已完成选址",
    });
    let month = |month: &str| with(june.clone(), "/month", json!(month));
    let organisation = app.organisation_a();
    organisation.post("/progress-updates", month("2020-07")).await.fault("/month", "future");
    organisation.post("/progress-updates", month("2020-03")).await.fault("/month", "date_outside_campaign");
    organisation.post("/progress-updates", month("2020-04")).await.refused(PairingNotActive);
    let update = app.make("/progress-updates", june.clone(), "/pairing_id", &pairs.proposed, &BOTH, &[]).await;
    app.village_a().post("/progress-updates", june).await.refused(ProgressExists);
    let update = app.edit(&update, json!({ "progress": "已完成选址，七月动工" }), &BOTH, &[]).await;
    app.attached(OrganisationA, "progress_updates", &update.id()).await.is(201);
    app.attached(Bureau, "progress_updates", &update.id()).await.refused(OutsideOwnScope);
    for who in [OrganisationB, VillageB, TownB, OtherBureau] {
        app.attached(who, "progress_updates", &update.id()).await.refused(NotFound);
    }
    update
}

async fn results(app: &TestApp, pairs: &Pairs, projects: &Projects, update: &Answer) {
    let jobs = json!({
        "pairing_id": pairs.proposed.id(), "project_id": projects.workshop.id(), "progress_update_id": update.id(),
        "indicator": "jobs_offered", "quantity": 12, "happened_on": "2020-06-18",
    });
    app.town_a().post("/outcomes", with(jobs.clone(), "/happened_on", json!("2020-06-21"))).await.fault("/happened_on", "future");
    let outcome = app.make("/outcomes", jobs.clone(), "/pairing_id", &pairs.proposed, &BOTH, &[]).await;
    app.attached(VillageA, "outcomes", &outcome.id()).await.is(201);
    app.attached(VillageB, "outcomes", &outcome.id()).await.refused(NotFound);
    let outcome = app.edit(&outcome, json!({ "quantity": 13 }), &BOTH, &[]).await;
    assert_eq!(jobs_offered(app, pairs).await, 0, "only what is confirmed counts");
    let confirmed = app.step(&outcome, "confirm", reasons(), &[VillageA, TownA], &[]).await;
    assert_eq!(jobs_offered(app, pairs).await, 13);
    let change = app.organisation_a().patch(&confirmed.path(), json!({ "quantity": 1 })).if_match(&confirmed.etag());
    assert_eq!(change.await.refused(IllegalStep)["state"], "confirmed");
    let correction = with(with(jobs, "/quantity", json!(11)), "/replaces_id", json!(confirmed.id()));
    let correction = app.organisation_a().post("/outcomes", correction).await.is(201);
    app.step(&correction, "confirm", reasons(), &[TownA, VillageA], &[]).await;
    assert_eq!(jobs_offered(app, pairs).await, 11, "a correction takes the place of what it corrects");
}

async fn jobs_offered(app: &TestApp, pairs: &Pairs) -> Value {
    let campaign = pairs.proposed["campaign_id"].as_str().expect("an id");
    let totals = app.bureau().get(&format!("/outcomes/totals?campaign_id={campaign}")).await.is(200);
    let totals = totals.body.as_array().expect("totals").clone();
    totals.iter().find(|total| total["indicator"] == "jobs_offered").expect("it has a target")["actual"].clone()
}
