//! The work list: what waits for whom. Its numbers equal the totals of the lists behind them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Domain;
use super::authorization::op;
use super::catalogue::{need, offer, publish};
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain { operations: &[op("list_work_items")], ..Domain::EMPTY };

/// The number of waiting items of each kind. Every total equals that of the list it links to, and the list contains the items
/// shown.
pub async fn waiting(client: &Client) -> BTreeMap<String, i64> {
    let work = client.get("/work-items").await.is(200);
    let mut kinds = BTreeMap::new();
    for group in work["groups"].as_array().expect("groups") {
        let records = group["records"].as_str().expect("an address");
        let list = client.get(records).await.is(200);
        let (total, known): (usize, Vec<&Value>) = if records.starts_with("/report-months") {
            let towns = list["towns"].as_array().expect("towns");
            (towns.len(), towns.iter().map(|town| &town["town_code"]).collect())
        } else if records.starts_with("/campaigns/") {
            let ahead = list["milestone_states"].as_array().expect("deadlines").iter();
            (ahead.filter(|one| one["status"] != "met" && one["days_left"].as_i64() <= Some(30)).count(), vec![&list["id"]])
        } else {
            (list["total"].as_u64().expect("a total") as usize, list.items().iter().map(|item| &item["id"]).collect())
        };
        assert_eq!(group["total"], total, "{records}");
        let items = group["items"].as_array().expect("items");
        assert_eq!(items.len(), total.min(5), "{records}");
        for item in items {
            assert!(known.contains(&&item["id"]), "{records}: {item}");
        }
        kinds.insert(group["kind"].as_str().expect("a kind").to_owned(), total as i64);
    }
    kinds
}

fn kinds(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

both_databases!(everything_waits_for_the_one_whose_turn_it_is, async |app| {
    let (organisation, village, town, bureau) = (app.organisation_a(), app.village_a(), app.town_a(), app.bureau());
    let pairing = app.proposed(campaign()).await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    for client in [&organisation, &village, &town] {
        assert_eq!(waiting(client).await.get("publish_entries"), Some(&1));
    }
    publish(app, Who::VillageA, need(campaign_id)).await;
    publish(app, Who::OrganisationA, offer(app, campaign_id)).await;
    assert_eq!(waiting(&village).await, kinds(&[("answer_pairings", 1)]));
    assert_eq!(waiting(&town).await, kinds(&[("answer_pairings", 1)]));
    assert_eq!(waiting(&organisation).await, kinds(&[]));
    village.post(&format!("{}/accept", pairing.path()), json!({})).await.is(200);
    // The survey is due in ten days, the pairing in twenty-five.
    assert_eq!(waiting(&bureau).await, kinds(&[("confirm_pairings", 1), ("meet_deadlines", 2)]));
    assert_eq!(waiting(&village).await, kinds(&[]));
    bureau.post(&format!("{}/confirm", pairing.path()), json!({})).await.is(200);
    assert_eq!(waiting(&organisation).await, kinds(&[("draft_agreements", 1)]));
    let draft = town.post("/agreements", agreement(&pairing.id())).await.is(201);
    assert_eq!(waiting(&organisation).await, kinds(&[("sign_agreements", 1)]));
    assert_eq!(waiting(&town).await, kinds(&[("sign_agreements", 1)]));
    app.scan(&draft).await;
    organisation.post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })).await.is(200);
    // The agreement is signed. Any of the three may now write the month's progress.
    for client in [&organisation, &village, &town] {
        assert_eq!(waiting(client).await, kinds(&[("write_progress", 1)]));
    }

    app.clock.set(noon("2020-05-03"));
    let written = json!({ "pairing_id": pairing.id(), "month": "2020-04", "content": "助学", "progress": "已走访12户" });
    village.post("/progress-updates", written).await.is(201);
    // April's form is due in two days.
    assert_eq!(waiting(&town).await, kinds(&[("begin_reports", 1)]));
    let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-04" });
    let form = town.post("/reports", form).await.is(201);
    assert_eq!(waiting(&town).await, kinds(&[("send_reports", 1)]));
    town.post(&format!("{}/submit", form.path()), json!({})).await.is(200);
    assert_eq!(waiting(&town).await, kinds(&[]));
    assert_eq!(waiting(&bureau).await.get("accept_reports"), Some(&1));
    bureau.post(&format!("{}/return", form.path()), json!({ "note": "请补充" })).await.is(200);
    assert_eq!(waiting(&town).await, kinds(&[("mend_reports", 1)]));
    town.post(&format!("{}/submit", form.path()), json!({})).await.is(200);
    bureau.post(&format!("{}/accept", form.path()), json!({})).await.is(200);

    // It is thirty-one days after signing, and there is still no project. May's progress is missing too.
    app.clock.set(noon("2020-05-21"));
    for client in [&organisation, &village, &town] {
        assert_eq!(waiting(client).await, kinds(&[("plan_projects", 1), ("write_progress", 1)]));
    }
    let outcome = json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": 7, "happened_on": "2020-05-10" });
    organisation.post("/outcomes", outcome).await.is(201);
    assert_eq!(waiting(&village).await.get("confirm_outcomes"), Some(&1));
    assert_eq!(waiting(&organisation).await.get("confirm_outcomes"), None);
    let plan = organisation.post("/projects", project(&pairing.id())).await.is(201);
    organisation.post("/tasks", task(&plan.id())).await.is(201);
    assert_eq!(waiting(&organisation).await, kinds(&[("consent_projects", 1), ("write_progress", 1)]));
    let step = async |client: &Client, step: &str| {
        client.post(&format!("{}/{step}", plan.path()), json!({})).await.is(200);
    };
    step(&organisation, "consent").await;
    step(&village, "consent").await;
    assert_eq!(waiting(&organisation).await, kinds(&[("advance_projects", 1), ("write_progress", 1)]));
    step(&organisation, "submit").await;
    assert_eq!(waiting(&organisation).await.get("advance_projects"), None);
    assert_eq!(waiting(&bureau).await.get("approve_projects"), Some(&1));
    step(&bureau, "approve").await;
    assert_eq!(waiting(&organisation).await.get("advance_projects"), Some(&1));
    step(&organisation, "start").await;
    assert_eq!(waiting(&organisation).await.get("advance_projects"), None);

    // The organisation answers for June's task. In June it waits for the organisation, and once it is late, for the others too.
    app.clock.set(noon("2020-06-20"));
    assert_eq!(waiting(&organisation).await.get("due_tasks"), Some(&1));
    assert_eq!(waiting(&village).await.get("due_tasks"), None);
    app.clock.set(noon("2020-07-01"));
    for client in [&organisation, &village, &town] {
        let now = waiting(client).await;
        assert_eq!((now.get("overdue_tasks"), now.get("due_tasks")), (Some(&1), None));
    }
    let task = organisation.get(&format!("/tasks?project_id={}", plan.id())).await.is(200).items()[0]["id"].clone();
    organisation.post(&format!("/tasks/{}/finish", task.as_str().expect("an id")), json!({})).await.is(200);
    assert_eq!(waiting(&organisation).await.get("advance_projects"), Some(&1));
    step(&organisation, "complete").await;
    assert_eq!(waiting(&bureau).await.get("accept_projects"), Some(&1));

    // Nothing waits for anybody else, and outsiders learn nothing of it.
    for who in
        [Who::LeadingGroup, Who::Auditor, Who::Cadre, Who::Admin, Who::VillageB, Who::OrganisationB, Who::TownB, Who::OtherBureau]
    {
        assert_eq!(waiting(&app.as_(who)).await, kinds(&[]), "{who:?}");
    }
});

both_databases!(a_work_list_costs_ten_statements_however_much_waits, async |app| {
    app.both_active(campaign(), "2020-04-18").await;
    let cost = async || {
        let mut costs = Vec::new();
        for who in [Who::Bureau, Who::TownA, Who::VillageA, Who::OrganisationA] {
            app.statements.take();
            app.as_(who).get("/work-items").await.is(200);
            costs.push(app.statements.take().len());
        }
        costs
    };
    let before = cost().await;
    for number in 10..20 {
        let made = app.bureau().post("/organisations", organisation(number, TOWN_A)).await.is(201);
        let campaign = app.bureau().get("/campaigns").await.is(200).items()[0]["id"].clone();
        let entry = json!({ "campaign_id": campaign, "organisation_id": made.id() });
        app.bureau().post("/enrolments", entry).await.is(201);
    }
    let after = cost().await;
    assert_eq!(before, after);
    assert!(after.iter().all(|cost| *cost <= 10), "{after:?}");
});
