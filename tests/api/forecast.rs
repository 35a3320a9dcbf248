//! The forecast of a campaign's targets.

use contract::ErrorCode::*;
use serde_json::json;

use super::Domain;
use super::authorization::{next_campaign, op};
use super::campaigns::campaign_with_pairing;
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[op("read_forecast")
        .on(campaign_with_pairing)
        .query(|campaign| format!("campaign_id={}", campaign.id))
        .foreign(ValidationFailed)],
    pages: &[("bureau", "/forecast"), ("leader", "/forecast")],
    ..Domain::EMPTY
};

both_databases!(a_target_that_will_be_missed_names_whom_to_call, async |app| {
    let targets = json!([{ "indicator": "jobs_offered", "target": 50 }, { "indicator": "facilities_built", "target": 1 }]);
    let pairing = app.active(with(campaign(), "/targets", targets), "2020-04-20").await;
    let path = format!("/forecast?campaign_id={}", pairing["campaign_id"].as_str().expect("an id"));
    let asked = async |who: Who| app.as_(who).get(&path).await.is(200);
    let early = asked(Who::Bureau).await;
    assert_eq!(early["targets"][0]["verdict"], "unknown", "{}", early.body);

    let plan = app.organisation_a().post("/projects", with(project(&pairing.id()), "/goal", json!("employment"))).await.is(201);
    let task = app.organisation_a().post("/tasks", task(&plan.id())).await.is(201);
    for (client, step) in [
        (app.organisation_a(), "consent"),
        (app.village_a(), "consent"),
        (app.organisation_a(), "submit"),
        (app.bureau(), "approve"),
        (app.organisation_a(), "start"),
    ] {
        client.post(&format!("{}/{step}", plan.path()), json!({})).await.is(200);
    }
    app.clock.set(noon("2020-09-01"));
    for (indicator, quantity, day) in [("jobs_offered", 6, "2020-07-10"), ("facilities_built", 1, "2020-08-01")] {
        let outcome = json!({ "pairing_id": pairing.id(), "indicator": indicator, "quantity": quantity, "happened_on": day });
        let made = app.organisation_a().post("/outcomes", outcome).await.is(201);
        app.town_a().post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    }
    app.statements.take();
    let told = asked(Who::Bureau).await;
    assert!(app.statements.take().len() <= 10);
    assert_eq!(asked(Who::LeadingGroup).await["targets"], told["targets"]);
    let jobs = &told["targets"][0];
    assert_eq!((&jobs["indicator"], &jobs["actual"], &jobs["verdict"]), (&json!("jobs_offered"), &json!(6), &json!("missed")));
    // 6 in the 92 days of June to August; what is left is told by the campaign's end.
    let left = (told["ends_on"].as_str().expect("a day").parse::<chrono::NaiveDate>().expect("a day")
        - "2020-09-01".parse::<chrono::NaiveDate>().expect("a day"))
    .num_days();
    assert_eq!(jobs["estimates"][0], json!({ "method": "pace", "value": 6 + 6 * left / 92 }));
    assert_eq!(jobs["late_tasks"][0]["id"], task["id"]);
    let reminder = jobs["reminder"].as_str().expect("a draft");
    assert!(reminder.contains("50") && reminder.contains(jobs["late_tasks"][0]["organisation_name"].as_str().expect("a name")));
    let built = &told["targets"][1];
    assert_eq!((&built["verdict"], &built["reminder"], &built["estimates"]), (&json!("reached"), &json!(null), &json!([])));
    let records = told["overdue_tasks"]["records"].as_str().expect("an address");
    assert_eq!(told["overdue_tasks"]["value"], app.bureau().get(records).await.is(200)["total"]);
    app.town_a().get(&path).await.refused(Forbidden);
});

both_databases!(an_earlier_campaign_of_the_same_area_says_how_far_one_is, async |app| {
    let targets = json!([{ "indicator": "jobs_offered", "target": 50 }]);
    let before = app.active(with(campaign(), "/targets", targets.clone()), "2020-04-20").await;
    let confirmed = async |pairing: &Answer, quantity: i64, day: &str| {
        let outcome =
            json!({ "pairing_id": pairing.id(), "indicator": "jobs_offered", "quantity": quantity, "happened_on": day });
        let made = app.organisation_a().post("/outcomes", outcome).await.is(201);
        app.town_a().post(&format!("{}/confirm", made.path()), json!({})).await.is(200);
    };
    let now = app.active(with(next_campaign(), "/targets", targets), "2020-04-20").await;
    app.clock.set(noon("2020-12-20"));
    confirmed(&before, 10, "2020-05-10").await;
    confirmed(&before, 30, "2020-12-01").await;
    let id = now["campaign_id"].as_str().expect("an id");
    app.sql(
        "UPDATE campaigns SET starts_on = '2021-01-01', ends_on = '2021-12-31' WHERE document_number <> '晋政民〔2020〕28号'",
    )
    .await;
    app.clock.set(noon("2021-07-01"));
    confirmed(&now, 8, "2021-06-10").await;
    let told = app.bureau().get(&format!("/forecast?campaign_id={id}")).await.is(200);
    // Half of the year is over. At the half of its nine months, to the nearest month, the campaign before had a quarter.
    let earlier = json!({ "method": "earlier", "value": 32 });
    let estimates = told["targets"][0]["estimates"].as_array().expect("estimates");
    assert!(estimates.contains(&earlier), "{}", told.body);
});
