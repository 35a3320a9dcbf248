//! The dashboard: its figures are the totals of the lists that they link to.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::op;
use super::campaigns::campaign_with_pairing;
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[op("read_dashboard")
        .on(campaign_with_pairing)
        .query(|campaign| format!("campaign_id={}", campaign.id))
        .foreign(ValidationFailed)],
    pages: &[("bureau", "/dashboard"), ("town", "/dashboard")],
    ..Domain::EMPTY
};

/// Every figure of a dashboard.
pub fn figures(value: &Value) -> Vec<(String, i64)> {
    match value {
        Value::Object(fields) => match (fields.get("records"), fields.get("value")) {
            (Some(Value::String(records)), Some(value)) => vec![(records.clone(), value.as_i64().expect("a number"))],
            _ => fields.values().flat_map(figures).collect(),
        },
        Value::Array(items) => items.iter().flat_map(figures).collect(),
        _ => Vec::new(),
    }
}

/// The number of records in the list that a figure links to.
pub async fn behind(client: &Client, records: &str) -> i64 {
    let answer = client.get(records).await.is(200);
    if records.starts_with("/report-months") {
        return answer["towns"].as_array().expect("towns").len() as i64;
    }
    answer["total"].as_i64().expect("a total")
}

/// Every figure equals the total of the list that it links to, and every sum that of its records.
async fn agrees(client: &Client, who: Who, dashboard: &Value) {
    for (records, value) in figures(dashboard) {
        assert_eq!(value, behind(client, &records).await, "{who:?}: {records}");
    }
    let sums = dashboard["indicators"].as_array().expect("indicators").iter().map(|one| (&one["outcomes"], &one["actual"]));
    let months = dashboard["trend"].as_array().expect("months").iter().map(|one| (&one["donations"], &one["donated_fen"]));
    for (figure, sum) in sums.chain(months) {
        let records = client.get(figure["records"].as_str().expect("an address")).await.is(200);
        let quantities = records.items().iter().map(|outcome| outcome["quantity"].as_i64().expect("a number"));
        assert_eq!(*sum, quantities.sum::<i64>(), "{who:?}: {figure}");
    }
    for state in dashboard["projects_by_state"].as_array().expect("states") {
        let records = client.get(state["projects"]["records"].as_str().expect("an address")).await.is(200);
        for money in ["budget_fen", "spent_fen"] {
            let sum: i64 = records.items().iter().map(|project| project[money].as_i64().expect("fen")).sum();
            assert_eq!(state[money], sum, "{who:?}: {state}");
        }
    }
}

both_databases!(of_a_campaign_around_the_county_its_own_part_is_counted, async |app| {
    let campaign_id = app.open_campaign().await.id();
    app.sql("INSERT INTO areas (code, name, name_key, name_words, level, takes_part) VALUES ('3505', '泉州市', '', '', 'prefecture', TRUE)").await;
    app.sql("UPDATE campaigns SET area_code = '3505'").await;
    for (bureau, village) in [(Who::Bureau, VILLAGE_A), (Who::OtherBureau, OTHER_VILLAGE)] {
        let member = json!({ "campaign_id": campaign_id, "village_code": village });
        let member = app.as_(bureau).post("/enrolments", member).await.is(201);
        app.as_(bureau).post(&format!("{}/confirm", member.path()), json!({})).await.is(200);
    }
    for who in [Who::Bureau, Who::OtherBureau, Who::TownB, Who::VillageA] {
        let client = app.as_(who);
        let dashboard = client.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
        agrees(&client, who, &dashboard.body).await;
    }
    let dashboard = app.bureau().get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
    let mut enrolments = figures(&dashboard.body).into_iter().filter(|(records, _)| records.starts_with("/enrolments"));
    assert!(enrolments.any(|(_, value)| value == 1), "{}", dashboard.body);
});

both_databases!(every_figure_is_the_sum_of_the_records_it_names, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    for (organisation, town, pairing) in [(Who::OrganisationA, Who::TownA, &pairing), (Who::OrganisationB, Who::TownB, &other)] {
        let outcome =
            json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": 7, "happened_on": "2020-06-10" });
        let made = app.as_(organisation).post("/outcomes", outcome).await.is(201);
        app.as_(town).post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    }
    let gift = json!({
        "pairing_id": pairing.id(), "indicator": "money_donated_fen", "quantity": 1_234_500, "happened_on": "2020-05-31",
    });
    let gift = app.town_a().post("/outcomes", gift).await.is(201);
    app.town_a().post(&format!("{}/confirm", gift.path()), json!({})).await.is(200);
    let written = json!({ "pairing_id": pairing.id(), "month": "2020-06", "content": "助学", "progress": "已走访12户" });
    app.town_a().post("/progress-updates", written).await.is(201);
    // The first pairing has two projects although only one is allowed by now; the second has none. One project is in progress,
    // late and over budget.
    let plan = app.organisation_a().post("/projects", project(&pairing.id())).await.is(201);
    app.organisation_a().post("/projects", with(project(&pairing.id()), "/title", json!("电商培训"))).await.is(201);
    app.organisation_a().post("/tasks", task(&plan.id())).await.is(201);
    for (client, step) in [
        (app.organisation_a(), "consent"),
        (app.village_a(), "consent"),
        (app.organisation_a(), "submit"),
        (app.bureau(), "approve"),
        (app.organisation_a(), "start"),
    ] {
        client.post(&format!("{}/{step}", plan.path()), json!({})).await.is(200);
    }
    let running = app.organisation_a().get(&plan.path()).await.is(200);
    let spent = json!({ "spent_fen": 1_000_001 });
    app.organisation_a().patch(&plan.path(), spent).if_match(&running.etag()).await.is(200);
    let held = app.bureau().get(&format!("/campaigns/{}", pairing["campaign_id"].as_str().expect("an id"))).await.is(200);
    app.bureau().patch(&held.path(), json!({ "settings": { "max_projects": 1 } })).if_match(&held.etag()).await.is(200);
    let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-06" });
    let draft = app.town_a().post("/reports", form).await.is(201);
    app.town_a().post(&format!("{}/submit", draft.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-07-06"));

    let path = format!("/dashboard?campaign_id={}", pairing["campaign_id"].as_str().expect("an id"));
    for who in Who::ALL {
        let client = app.as_(who);
        let answer = client.get(&path).await;
        if matches!(who, Who::Institution | Who::Cadre | Who::Admin | Who::SecurityAdmin) {
            answer.refused(Forbidden);
            continue;
        }
        if who == Who::OtherBureau {
            answer.fault("/campaign_id", "unknown");
            continue;
        }
        let answer = answer.is(200);
        agrees(&client, who, &answer.body).await;
        // Those who may not read reports get none of their figures.
        assert_eq!(
            answer["reports"].is_null(),
            matches!(who, Who::VillageA | Who::VillageB | Who::OrganisationA | Who::OrganisationB)
        );
    }

    app.statements.take();
    let all = app.bureau().get(&path).await.is(200);
    let cost = app.statements.take().len();
    let actual = |dashboard: &Value, code: &str| {
        let indicators = dashboard["indicators"].as_array().expect("indicators");
        indicators.iter().find(|one| one["indicator"] == code).expect("an indicator")["actual"].clone()
    };
    assert_eq!(actual(&all.body, "jobs_offered"), 14);
    assert_eq!(actual(&all.body, "money_donated_fen"), 1_234_500);
    let enrolments = &all["enrolments"];
    assert_eq!((&enrolments["organisations"]["value"], &enrolments["wanted"]), (&json!(2), &json!(100)));
    assert_eq!(enrolments["villages"]["value"], 2);
    let concern = |code: &str| {
        let concerns = all["concerns"].as_array().expect("concerns");
        concerns.iter().find(|one| one["concern"] == code).expect("a concern")["records"]["value"].clone()
    };
    for code in ["overdue_tasks", "without_project", "too_many_projects", "without_update", "over_budget"] {
        assert_eq!(concern(code), 1, "{code}");
    }
    let months: Vec<_> = all["trend"].as_array().expect("months").iter().map(|month| month["month"].clone()).collect();
    assert_eq!(months, ["2020-04", "2020-05", "2020-06", "2020-07"]);
    assert_eq!(all["trend"][1]["donated_fen"], 1_234_500);
    assert_eq!(all["trend"][2]["updates"]["value"], 1);
    let late: Vec<_> = all["reports"]["late_units"].as_array().expect("units").iter().collect();
    assert_eq!((late.len(), &late[0]["town_code"], &late[0]["standing"]), (1, &json!(TOWN_B), &json!("missing")));
    assert_eq!(all["pairings_by_town"].as_array().map(Vec::len), Some(2));
    let standings: Vec<_> = all["reports"]["standings"].as_array().expect("standings").iter().collect();
    let stand = |standing: &str| {
        standings.iter().find(|figure| figure["standing"] == standing).expect("a standing")["towns"]["value"].clone()
    };
    assert_eq!(all["reports"]["month"], "2020-06");
    assert_eq!((stand("on_time"), stand("missing"), stand("late")), (json!(1), json!(1), json!(0)));

    let narrower = app.bureau().get(&format!("{path}&within={TOWN_A}")).await.is(200);
    assert_eq!(actual(&narrower.body, "jobs_offered"), 7);
    agrees(&app.bureau(), Who::Bureau, &narrower.body).await;
    // Targets apply to the whole county, so part of it is not measured by them.
    assert_eq!((&all["whole"], &narrower["whole"]), (&json!(true), &json!(false)));
    assert_eq!(app.bureau().get(&format!("{path}&within={COUNTY}")).await.is(200)["whole"], true);
    for who in [Who::TownA, Who::VillageA, Who::OrganisationA] {
        assert_eq!(app.as_(who).get(&path).await.is(200)["whole"], false, "{who:?}");
    }
    let own = app.town_b().get(&path).await.is(200);
    assert_eq!(own["pairings_by_town"].as_array().map(Vec::len), Some(1));
    assert_eq!(actual(&own.body, "jobs_offered"), 7);
    app.statements.take();
    app.town_b().get(&path).await.is(200);
    assert_eq!(app.statements.take().len(), cost, "the same for little as for much");
    assert!(cost <= 10, "{cost} statements");
    for who in [Who::LeadingGroup, Who::VillageA, Who::OrganisationA] {
        for part in [String::new(), format!("&within={VILLAGE_A}")] {
            app.statements.take();
            app.as_(who).get(&format!("{path}{part}")).await.is(200);
            let cost = app.statements.take().len();
            assert!(cost <= 10, "{who:?}{part}: {cost} statements");
        }
    }
});
