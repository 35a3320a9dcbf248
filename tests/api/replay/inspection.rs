//! 年初部署、年中检查、年终验收，全程跟进、全程指导; 对于检查发现的问题与不足，及时指出并指导改进.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::{Pairs, Year, milestone, stands};
use crate::api::findings::mended;
use crate::api::inspections::{checklist, in_use, seen};
use crate::support::Who::*;
use crate::support::*;

/// 年初部署: after the agreements are signed, the bureau looks at every pair once.
pub async fn deployment(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-05-20"));
    let draft = app.bureau().post("/checklists", checklist()).await.is(201);
    let readers = [(LeadingGroup, Forbidden), (TownA, Forbidden), (TownB, Forbidden), (Auditor, Forbidden)];
    let list = app.step(&draft, "release", json!({}), &[Bureau], &readers).await;
    let opened = opened(app, year, &list, "deployment", "2020-05-20", json!({ "method": "all" })).await;
    assert_eq!(opened["inspections"], 4);
    hold_all(app, &opened, "2020-05-20").await;
    let closed = app.step(&opened, "close", json!({}), &[Bureau], &[]).await;
    assert_eq!((&closed["state"], &closed["held"]), (&json!("closed"), &json!(4)));
}

/// 年中检查: two pairs are drawn, and what is found is mended, refused, mended again and closed.
pub async fn mid_year(app: &TestApp, year: &Year, pairs: &Pairs) {
    app.clock.set(noon("2020-07-10"));
    let list = in_use(app).await;
    let lot = json!({ "method": "lot", "count": 2, "seed": 715 });
    let opened = opened(app, year, &list, "mid_year", "2020-07-10", lot).await;
    let draw = app.as_(Auditor).get(&format!("{}/draw", opened.path())).await.is(200);
    assert_eq!((&draw["chosen"], draw["lines"].as_array().expect("lines").len()), (&json!(2), 4));
    // Whoever was not drawn is added by hand.
    let theirs = format!("/inspections?round_id={}&pairing_id={}", opened.id(), pairs.proposed.id());
    if app.bureau().get(&theirs).await.is(200)["total"] == 0 {
        let added = json!({ "round_id": opened.id(), "pairing_id": pairs.proposed.id(), "planned_on": "2020-07-12" });
        app.bureau().post("/inspections", added).await.is(201);
    }
    let inspection = app.first(&theirs).await;
    let written = with(seen(), "/held_on", json!("2020-07-10"));
    let written = app.edit(&inspection, written, &[TownA, Bureau], &[]).await;
    let inspection = app.step(&written, "complete", json!({}), &[TownA, Bureau], &[]).await;
    assert_eq!(inspection["state"], "held");
    let finding = json!({
        "inspection_id": inspection.id(), "item": 3, "severity": "serious", "problem": "帮扶资金没有台账，请补记并公示",
        "found_on": "2020-07-10", "due_on": "2020-07-20", "responsible": "organisation",
    });
    let finding = app.make("/findings", finding, "/inspection_id", &inspection, &[Bureau, TownA], &[]).await;

    app.clock.set(noon("2020-07-28"));
    let late = app.bureau().get("/findings?due=escalated").await.is(200);
    assert_eq!((&late["total"], &late.items()[0]["id"]), (&json!(1), &json!(finding.id())));
    let sides = [(Bureau, Forbidden), (TownA, Forbidden), (VillageA, Forbidden)];
    let submitted =
        app.step(&finding, "submit", with(mended(), "/rectified_on", json!("2020-07-27")), &[OrganisationA], &sides).await;
    let own = [(OrganisationA, Forbidden), (VillageA, Forbidden)];
    let note = json!({ "note": "公示栏未更新", "due_on": "2020-08-10" });
    let reopened = app.step(&submitted, "reopen", note, &[TownA, Bureau], &own).await;
    assert_eq!((&reopened["reopenings"], &reopened["first_due_on"]), (&json!(1), &json!("2020-07-20")));
    app.clock.set(noon("2020-08-05"));
    let again = with(mended(), "/rectified_on", json!("2020-08-04"));
    let submitted = app.step(&reopened, "submit", again, &[OrganisationA], &sides).await;
    let closed = app.step(&submitted, "close", json!({ "note": "已现场核实" }), &[Bureau, TownA], &own).await;
    assert_eq!((&closed["due"], &closed["closed_on"]), (&json!("settled"), &json!("2020-08-05")));
    app.clock.set(noon("2020-07-15"));
    hold_all(app, &opened, "2020-07-15").await;
    assert_eq!(milestone(app, &year.campaign, "mid_year_inspection").await.0, "met");
}

/// 年终验收: all pairs are looked at before they are completed, and the deadline is met by that.
pub async fn acceptance(app: &TestApp, year: &Year) {
    app.clock.set(noon("2020-12-08"));
    let list = in_use(app).await;
    let opened = opened(app, year, &list, "acceptance", "2020-12-08", json!({ "method": "all" })).await;
    assert_eq!(milestone(app, &year.campaign, "acceptance").await, stands("upcoming", 0, 4));
    hold_all(app, &opened, "2020-12-08").await;
    assert_eq!(milestone(app, &year.campaign, "acceptance").await, stands("met", 4, 4));
}

async fn opened(app: &TestApp, year: &Year, checklist: &Answer, kind: &str, day: &str, selection: Value) -> Answer {
    let body = json!({
        "campaign_id": year.campaign.id(), "kind": kind, "title": "百社解千难检查", "starts_on": day, "ends_on": day,
        "checklist_id": checklist.id(), "selection": selection,
    });
    let made = app.bureau().post("/inspection-rounds", body).await.is(201);
    app.step(&made, "open", json!({}), &[Bureau], &[]).await
}

/// Holds what is still planned.
async fn hold_all(app: &TestApp, round: &Answer, day: &str) {
    let planned = app.bureau().get(&format!("/inspections?state=planned&round_id={}", round.id())).await.is(200);
    for item in planned.items() {
        let path = format!("/inspections/{}", item["id"].as_str().expect("an id"));
        app.bureau().patch(&path, with(seen(), "/held_on", json!(day))).if_match("*").await.is(200);
        app.bureau().post(&format!("{path}/complete"), json!({})).await.is(200);
    }
}
