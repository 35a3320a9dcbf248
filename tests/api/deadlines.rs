//! The last moment that is still in time, to the second, and the first that is not. Dates are written out, not calculated as the
//! service does.
//!
//! A day is a day in Jinjiang: it begins at 16:00 UTC of the day before.

use baishe::startup;
use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// The due day of each waiting item of a kind, and whether the item is late.
pub async fn waiting(client: &Client, kind: &str) -> Vec<(Value, Value)> {
    let work = client.get("/work-items").await.is(200);
    let groups = work["groups"].as_array().expect("groups").iter().filter(|group| group["kind"] == kind);
    let items = groups.flat_map(|group| group["items"].as_array().expect("items"));
    items.map(|item| (item["due_on"].clone(), item["overdue"].clone())).collect()
}

both_databases!(a_milestone_is_missed_on_the_day_after_its_last, async |app| {
    let path = app.open_campaign().await.path();
    for (at, status, days_left, late) in [
        ("2020-04-29T15:59:59Z", "upcoming", 1, false),
        ("2020-04-30T15:59:59Z", "upcoming", 0, false),
        ("2020-04-30T16:00:00Z", "missed", -1, true),
    ] {
        app.clock.set(instant(at));
        let campaign = app.bureau().get(&path).await.is(200);
        let states = campaign["milestone_states"].as_array().expect("states");
        let survey = states.iter().find(|state| state["kind"] == "survey").expect("the survey");
        assert_eq!((&survey["status"], &survey["days_left"]), (&json!(status), &json!(days_left)), "{at}");
        let survey = (json!("2020-04-30"), json!(late));
        assert!(waiting(&app.bureau(), "meet_deadlines").await.contains(&survey), "{at}");
    }
});

both_databases!(a_form_is_on_time_and_sent_again_in_time_to_the_end_of_the_fifth, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    let bureau = app.bureau();
    let month = format!("/report-months?campaign_id={}&month=2020-06", pairing["campaign_id"].as_str().expect("an id"));
    let standing = async |town: &str| {
        let view = bureau.get(&month).await.is(200);
        let towns = view["towns"].as_array().expect("towns");
        towns.iter().find(|one| one["town_code"] == town).expect("the town")["standing"].clone()
    };
    let form =
        |pairing: &Answer, town: &str| json!({ "campaign_id": pairing["campaign_id"], "town_code": town, "month": "2020-06" });
    app.clock.set(noon("2020-07-01"));
    let (first, second) = (
        app.town_a().post("/reports", form(&pairing, TOWN_A)).await.is(201),
        app.town_b().post("/reports", form(&other, TOWN_B)).await.is(201),
    );
    let submit =
        async |client: Client, report: &Answer| client.post(&format!("{}/submit", report.path()), json!({})).await.is(200);
    let send_back = async |report: &Answer| {
        bureau.post(&format!("{}/return", report.path()), json!({ "note": "请补充进展" })).await.is(200);
    };
    app.clock.set(instant("2020-07-05T15:59:59Z"));
    assert_eq!((standing(TOWN_A).await, standing(TOWN_B).await), (json!("not_due"), json!("not_due")));
    let sent = submit(app.town_a(), &first).await;
    assert_eq!((&sent["standing"], &sent["late"]), (&json!("on_time"), &json!(false)));
    // A form that is returned and sent again on the same day is not late either.
    send_back(&first).await;
    let again = submit(app.town_a(), &first).await;
    assert_eq!((&again["standing"], &again["resubmitted_late"]), (&json!("on_time"), &json!(false)));
    send_back(&first).await;
    assert_eq!(app.town_a().get(&first.path()).await.is(200)["overdue"], false);

    app.clock.set(instant("2020-07-05T16:00:00Z"));
    assert_eq!((standing(TOWN_A).await, standing(TOWN_B).await), (json!("on_time"), json!("missing")));
    assert_eq!(app.town_a().get(&first.path()).await.is(200)["overdue"], true);
    let again = submit(app.town_a(), &first).await;
    assert_eq!((&again["standing"], &again["resubmitted_late"]), (&json!("on_time"), &json!(true)));
    let late = submit(app.town_b(), &second).await;
    assert_eq!((&late["standing"], &late["late"]), (&json!("late"), &json!(true)));
    assert_eq!(standing(TOWN_B).await, "late");
});

both_databases!(a_form_is_accepted_from_the_first_of_the_next_month, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    let form = json!({ "campaign_id": pairing["campaign_id"], "town_code": TOWN_A, "month": "2020-06" });
    let sent = app.town_a().post("/reports", form).await.is(201);
    app.town_a().post(&format!("{}/submit", sent.path()), json!({})).await.is(200);
    let accept = format!("{}/accept", sent.path());
    let month = format!("/report-months?campaign_id={}&month=2020-06", pairing["campaign_id"].as_str().expect("an id"));
    for (last, steps) in [("2020-06-30T15:59:59Z", json!(["return"])), ("2020-06-30T16:00:00Z", json!(["accept", "return"]))] {
        app.clock.set(instant(last));
        assert_eq!(app.bureau().get(&sent.path()).await.is(200)["allowed_actions"], steps, "{last}");
        assert_eq!(app.bureau().get(&month).await.is(200)["towns"][0]["allowed_actions"], steps, "{last}");
        let answer = app.bureau().post(&accept, json!({})).await;
        if steps == json!(["return"]) {
            answer.refused(MonthRunning);
            let update = json!({ "pairing_id": pairing.id(), "month": "2020-06", "content": "助学", "progress": "月底" });
            app.organisation_a().post("/progress-updates", update).await.is(201);
        } else {
            assert_eq!(answer.is(200)["state"], "accepted");
        }
    }
});

both_databases!(what_has_happened_has_happened_by_the_end_of_today, async |app| {
    app.clock.set(instant("2020-04-20T15:59:59Z"));
    let (family, _, plan, _) = app.planned().await;
    let village = app.active(with(campaign(), "/document_number", json!("晋政民〔2020〕29号")), "2020-04-18").await;
    let outcome = json!({ "pairing_id": village.id(), "indicator": "jobs_offered", "quantity": 1, "happened_on": "2020-04-20" });
    let (town, committee, organisation) = (app.town_a(), app.village_a(), app.organisation_a());
    let lifted = json!({ "since": "2020-04-20", "note": "收入稳定" });
    // Tomorrow is tried first, and changes nothing.
    for (client, path, body, pointer, made) in [
        (&committee, format!("{}/visits", family.path()), visit(), "/visited_on", 201),
        (&organisation, "/assistance-records".to_owned(), gift(&family.id()), "/happened_on", 201),
        (&town, "/outcomes".to_owned(), outcome, "/happened_on", 201),
        (&committee, format!("{}/agree", plan.path()), json!({ "agreed_by": "许清水" }), "/agreed_on", 200),
        (&town, format!("{}/lift_out", family.path()), lifted, "/since", 200),
    ] {
        client.post(&path, with(body.clone(), pointer, json!("2020-04-21"))).await.fault(pointer, "future");
        client.post(&path, with(body, pointer, json!("2020-04-20"))).await.is(made);
    }
});

both_databases!(an_agreement_is_signed_and_in_force_to_the_end_of_its_last_day, async |app| {
    let draft = app.agreement(campaign()).await;
    app.bureau().patch(&draft.path(), json!({ "ends_on": "2020-06-01" })).if_match(&draft.etag()).await.is(200);
    app.scan(&draft).await;
    let sign = format!("{}/sign", draft.path());
    app.clock.set(instant("2020-06-01T15:59:59Z"));
    app.bureau().post(&sign, json!({ "signed_on": "2020-06-02" })).await.fault("/signed_on", "future");
    app.clock.set(instant("2020-06-02T15:59:59Z"));
    app.bureau().post(&sign, json!({ "signed_on": "2020-06-02" })).await.fault("/signed_on", "date_after_end");
    app.clock.set(instant("2020-06-01T15:59:59Z"));
    app.bureau().post(&sign, json!({ "signed_on": "2020-06-01" })).await.is(200);
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get(&draft.path()).await.is(200)["state"], "signed");
    app.clock.set(instant("2020-06-01T16:00:00Z"));
    startup::tidy(&app.app).await;
    assert_eq!(app.bureau().get(&draft.path()).await.is(200)["state"], "expired");
});
