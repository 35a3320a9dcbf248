//! The year 2020 replayed over HTTP, as the notice wants it: one act in each file, in chronological order.
//!
//! Everybody who may not make a change tries it first. It is also tried with an old version, and again once it is made: see
//! `tests/support/trial.rs`.

mod adoption;
mod catalogue;
mod inspection;
mod progress;
mod projects;
mod publicity;
mod ranking;
mod reports;
mod selection;
mod signing;
mod supervision;
mod survey;
mod year_end;

use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

both_databases!(the_year_2020_is_lived_through, async |app| {
    let year = survey::act(app).await;
    let supply = catalogue::act(app, &year).await;
    let draft = ranking::act(app, &year).await;
    reports::nil(app, &year).await;
    let pairs = selection::act(app, &year, &supply, &draft).await;
    adoption::act(app, &year).await;
    supervision::kick_off(app, &year).await;
    let signed = signing::act(app, &year, pairs).await;
    inspection::deployment(app, &year).await;
    let projects = projects::act(app, &signed, &supply).await;
    let june = progress::act(app, &signed, &projects).await;
    reports::act(app, &year, &signed, &june).await;
    publicity::act(app, &year, &signed).await;
    inspection::mid_year(app, &year, &signed).await;
    inspection::acceptance(app, &year).await;
    supervision::order(app, &year).await;
    year_end::act(app, &year, &signed, &supply, projects).await;
});

/// A third town, whose village committee has no account, and a village of it.
const TOWN_C: &str = "350582101";
const VILLAGE_C: &str = "350582101201";

/// What stays the same throughout the year.
struct Year {
    campaign: Answer,
    town_c: Client,
    organisation_c: Client,
    organisation_c_id: String,
}

/// The year's pairings with the villages of three towns.
struct Pairs {
    /// With village A: proposed by the organisation itself.
    proposed: Answer,
    /// Also with village A: recommended by the bureau.
    recommended: Answer,
    /// With village B: proposed by the village.
    asked: Answer,
    /// With village C: proposed by its town on behalf of the committee.
    on_behalf: Answer,
}

/// A body with every reason that a step could ask for.
fn reasons() -> Value {
    json!({ "note": "经领导小组办公室研究", "on_behalf_reason": "村委会暂无账号，受其委托" })
}

/// The campaign with the dates and numbers of the notice.
fn notice() -> Value {
    json!({
        "title": "“百社解千难”社会组织助力脱贫攻坚活动", "document_number": "晋政民〔2020〕28号", "agreement_prefix": "百社协", "area_code": COUNTY,
        "starts_on": "2020-04-01", "ends_on": "2020-12-31",
        "phases": [
            { "phase": "preparation", "starts_on": "2020-04-01", "ends_on": "2020-05-31" },
            { "phase": "implementation", "starts_on": "2020-05-01", "ends_on": "2020-11-30" },
            { "phase": "summary", "starts_on": "2020-12-01", "ends_on": "2020-12-31" },
        ],
        "milestones": [
            { "kind": "survey", "due_on": "2020-04-30" },
            { "kind": "pairing", "due_on": "2020-05-15" },
            { "kind": "kick_off", "due_on": "2020-05-20" },
            { "kind": "signing", "due_on": "2020-05-31" },
            { "kind": "mid_year_inspection", "due_on": "2020-07-15" },
            { "kind": "acceptance", "due_on": "2020-12-31" },
        ],
        "settings": { "rankings_due_on": "2020-05-04" },
        "targets": [{ "indicator": "jobs_offered", "target": 10 }, { "indicator": "economy_projects", "target": 1 }],
        "leading_group": [
            { "name": "吴丽婷", "post": "leader", "unit": "市民政局" },
            { "name": "张连侨", "post": "deputy_leader", "unit": "市民政局" },
        ],
    })
}

/// A milestone's status, its current number and its target.
async fn milestone(app: &TestApp, year: &Answer, kind: &str) -> (String, Value, Value) {
    let campaign = app.village_a().get(&year.path()).await.is(200);
    let states = campaign["milestone_states"].as_array().expect("states").clone();
    let state = states.into_iter().find(|state| state["kind"] == kind).expect("the milestone");
    (state["status"].as_str().expect("a status").to_owned(), state["done"].clone(), state["wanted"].clone())
}

/// The expected state of a milestone.
fn stands(status: &str, done: u32, wanted: u32) -> (String, Value, Value) {
    (status.to_owned(), json!(done), json!(wanted))
}
