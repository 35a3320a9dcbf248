//! The dashboard: figures that are the totals of the lists behind them.

use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// Every figure of a dashboard.
fn figures(value: &Value) -> Vec<(String, i64)> {
    match value {
        Value::Object(fields) => match (fields.get("records"), fields.get("value")) {
            (Some(Value::String(records)), Some(value)) => vec![(records.clone(), value.as_i64().expect("a number"))],
            _ => fields.values().flat_map(figures).collect(),
        },
        Value::Array(items) => items.iter().flat_map(figures).collect(),
        _ => Vec::new(),
    }
}

/// What the list behind a figure comes to.
async fn behind(client: &Client, records: &str) -> i64 {
    let answer = client.get(records).await.is(200);
    if records.starts_with("/report-months") {
        return answer["towns"].as_array().expect("towns").len() as i64;
    }
    if records.starts_with("/outcomes") {
        return answer.items().iter().map(|outcome| outcome["quantity"].as_i64().expect("a number")).sum();
    }
    answer["total"].as_i64().expect("a total")
}

both_databases!(every_figure_is_the_sum_of_the_records_it_names, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    for (organisation, town, pairing) in [(Who::OrganisationA, Who::TownA, &pairing), (Who::OrganisationB, Who::TownB, &other)] {
        let outcome =
            json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": 7, "happened_on": "2020-06-10" });
        let made = app.as_(organisation).post("/outcomes", outcome).await.is(201);
        app.as_(town).post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    }
    let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-06" });
    let draft = app.town_a().post("/reports", form).await.is(201);
    app.town_a().post(&format!("{}/submit", draft.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-07-06"));

    let path = format!("/dashboard?campaign_id={}", pairing["campaign_id"].as_str().expect("an id"));
    for who in Who::ALL {
        let client = app.as_(who);
        let answer = client.get(&path).await;
        if matches!(who, Who::Cadre | Who::Admin) {
            answer.refused(contract::ErrorCode::Forbidden);
            continue;
        }
        if who == Who::OtherBureau {
            answer.fault("/campaign_id", "unknown");
            continue;
        }
        let answer = answer.is(200);
        for (records, value) in figures(&answer.body) {
            assert_eq!(value, behind(&client, &records).await, "{who:?}: {records}");
        }
        // Who does not read reports gets none of their figures.
        assert_eq!(
            answer["reports"].is_null(),
            matches!(who, Who::VillageA | Who::VillageB | Who::OrganisationA | Who::OrganisationB)
        );
    }

    app.statements.take();
    let all = app.bureau().get(&path).await.is(200);
    assert!(app.statements.take().len() <= 8);
    assert_eq!(all["indicators"][0]["actual"]["value"], 14);
    assert_eq!((&all["organisations"]["enrolled"]["value"], &all["organisations"]["wanted"]), (&json!(2), &json!(100)));
    assert_eq!(all["pairings_by_town"].as_array().map(Vec::len), Some(2));
    let standings: Vec<_> = all["reports"]["standings"].as_array().expect("standings").iter().collect();
    let stand = |standing: &str| {
        standings.iter().find(|figure| figure["standing"] == standing).expect("a standing")["towns"]["value"].clone()
    };
    assert_eq!(all["reports"]["month"], "2020-06");
    assert_eq!((stand("on_time"), stand("missing"), stand("late")), (json!(1), json!(1), json!(0)));

    let narrower = app.bureau().get(&format!("{path}&within={TOWN_A}")).await.is(200);
    assert_eq!(narrower["indicators"][0]["actual"]["value"], 7);
    for (records, value) in figures(&narrower.body) {
        assert_eq!(value, behind(&app.bureau(), &records).await, "{records}");
    }
    let own = app.town_b().get(&path).await.is(200);
    assert_eq!(own["pairings_by_town"].as_array().map(Vec::len), Some(1));
    assert_eq!(own["indicators"][0]["actual"]["value"], 7);
});
