//! Findings of inspections, their rectification and verification.

use chrono::{Days, NaiveDate};
use contract::ErrorCode::*;
use contract::findings::{FindingDue, FindingState, due};
use contract::{CodedEnum, Role};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Domain;
use super::authorization::{Made, op};
use super::deadlines::waiting;
use super::inspections::{any_planned, planned};
use super::pairings::PARTIES;
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_findings"),
        op("create_finding")
            .on(any_planned)
            .body(|_, inspection| finding(&inspection.id, "organisation"))
            .only(&[Bureau, TownA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("export_findings"),
        op("read_finding").on(any_finding).only(PARTIES).or(NotFound),
        op("update_finding").on(any_finding).body(|_, _| json!({ "severity": "grave" })).only(&[Bureau, TownA]).or(NotFound),
        op("step_finding").on(any_finding).step("submit").body(|_, _| mended()).only(&[OrganisationA]).or(NotFound).but(&[
            (Bureau, Forbidden),
            (TownA, Forbidden),
            (VillageA, Forbidden),
        ]),
        op("list_finding_history").on(any_finding).only(PARTIES).or(NotFound),
    ],
    example: |app| {
        Box::pin(async {
            let inspection = app.first("/inspections").await;
            app.bureau().post("/findings", finding(&inspection.id(), "village")).await.is(201);
        })
    },
    walked: &["/findings?sort=due_on"],
    pages: &[
        ("auditor", "/findings"),
        ("bureau", "/findings"),
        ("bureau", "/findings/new"),
        ("bureau", "/findings/{}"),
        ("bureau", "/findings/{}/edit"),
        ("leader", "/findings"),
        ("organisation", "/findings"),
        ("organisation", "/findings/{}"),
        ("town", "/findings"),
        ("village", "/findings"),
        ("village", "/findings/{}"),
    ],
};

/// A finding that this side is to rectify by the thirtieth.
pub fn finding(inspection_id: &str, responsible: &str) -> Value {
    json!({
        "inspection_id": inspection_id, "item": 3, "severity": "serious", "problem": "帮扶资金没有台账，请补记并公示",
        "found_on": "2020-04-20", "due_on": "2020-04-30", "responsible": responsible,
    })
}

pub fn mended() -> Value {
    json!({ "note": "已补记台账并公示", "rectified_on": "2020-04-20" })
}

fn any_finding(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async {
        let inspection = planned(app).await;
        app.bureau().post("/findings", finding(&inspection.id(), "organisation")).await.is(201).into()
    })
}

both_databases!(a_finding_is_rectified_verified_and_reopened_and_keeps_its_first_day, async |app| {
    let inspection = planned(app).await;
    let (bureau, organisation) = (app.bureau(), app.organisation_a());
    let made = bureau.post("/findings", finding(&inspection.id(), "organisation")).await.is(201);
    assert_eq!(
        (&made["state"], &made["due"], &made["item_text"]),
        (&json!("open"), &json!("on_time"), &json!("帮扶资金使用有记录"))
    );
    assert_eq!(bureau.get(&inspection.path()).await.is(200)["findings_open"], 1);
    let day = (json!("2020-04-30"), json!(false));
    assert_eq!(waiting(&organisation, "rectify_findings").await, std::slice::from_ref(&day));
    let to = |action: &str| format!("{}/{action}", made.path());
    bureau.post(&to("close"), json!({})).await.refused(IllegalStep);
    organisation.post(&to("begin"), json!({})).await.is(200);
    bureau.patch(&made.path(), json!({ "due_on": "2020-05-10" })).if_match("*").await.is(200);
    organisation.post(&to("submit"), json!({ "note": "已补记" })).await.fault("/rectified_on", "required");
    organisation.post(&to("submit"), json!({ "rectified_on": "2020-04-20" })).await.fault("/note", "required");
    let early = with(mended(), "/rectified_on", json!("2020-04-19"));
    organisation.post(&to("submit"), early).await.fault("/rectified_on", "end_before_start");
    let sent = organisation.post(&to("submit"), mended()).await.is(200);
    assert_eq!((&sent["rectified_by_name"], &sent["allowed_actions"]), (&json!("OrganisationA"), &json!([])));
    organisation.post(&to("close"), json!({})).await.refused(Forbidden);
    bureau.patch(&made.path(), json!({ "severity": "general" })).if_match("*").await.refused(IllegalStep);
    assert_eq!((waiting(&organisation, "rectify_findings").await.len(), waiting(&bureau, "verify_findings").await.len()), (0, 1));

    bureau.post(&to("reopen"), json!({})).await.fault("/note", "required");
    bureau.post(&to("reopen"), json!({ "note": "没有公示", "due_on": "2020-04-19" })).await.fault("/due_on", "past");
    let again = bureau.post(&to("reopen"), json!({ "note": "没有公示", "due_on": "2020-05-20" })).await.is(200);
    assert_eq!((&again["state"], &again["reopenings"], &again["due_on"]), (&json!("reopened"), &json!(1), &json!("2020-05-20")));
    organisation.post(&to("submit"), mended()).await.is(200);
    let closed = bureau.post(&to("close"), json!({ "note": "已现场核实" })).await.is(200);
    assert_eq!((&closed["state"], &closed["due"], &closed["days_left"]), (&json!("closed"), &json!("settled"), &Value::Null));
    assert_eq!((&closed["verified_by_name"], &closed["closed_on"]), (&json!("Bureau"), &json!("2020-04-20")));
    assert_eq!(bureau.get(&inspection.path()).await.is(200)["findings_open"], 0);
    let once_more = app.town_a().post(&to("reopen"), json!({ "note": "又没有记" })).await.is(200);
    let kept = ["found_on", "first_due_on", "due_on", "reopenings", "closed_on"].map(|field| once_more[field].clone());
    assert_eq!(kept, [json!("2020-04-20"), json!("2020-04-30"), json!("2020-05-20"), json!(2), Value::Null]);
    // Each rectification and each verification stays in the history.
    let history = bureau.get(&format!("{}/history?limit=50", made.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().expect("an action").to_owned()).collect();
    assert_eq!(actions, ["reopen", "close", "submit", "reopen", "submit", "update", "begin", "create"]);
});

both_databases!(no_side_closes_what_it_is_responsible_for_or_has_rectified, async |app| {
    let inspection = planned(app).await;
    let (bureau, town) = (app.bureau(), app.town_a());
    let to = |made: &Answer, action: &str| format!("{}/{action}", made.path());
    // The town rectifies for a village committee without an account, and says why; then the bureau verifies.
    let of_village = bureau.post("/findings", finding(&inspection.id(), "village")).await.is(201);
    town.post(&to(&of_village, "submit"), mended()).await.fault("/on_behalf_reason", "required");
    let for_village = with(mended(), "/on_behalf_reason", json!("村委会暂无账号"));
    town.post(&to(&of_village, "submit"), for_village).await.is(200);
    town.post(&to(&of_village, "close"), json!({})).await.refused(OwnRectification);
    assert_eq!(waiting(&bureau, "verify_findings").await.len(), 1);
    assert_eq!(bureau.post(&to(&of_village, "close"), json!({})).await.is(200)["on_behalf_reason"], "村委会暂无账号");
    // What a town is responsible for it neither closes nor changes.
    let of_town = bureau.post("/findings", finding(&inspection.id(), "town")).await.is(201);
    town.patch(&of_town.path(), json!({ "due_on": "2020-12-01" })).if_match("*").await.refused(OwnRectification);
    assert_eq!(waiting(&town, "rectify_findings").await.len(), 1);
    town.post(&to(&of_town, "submit"), mended()).await.is(200);
    for action in ["close", "reopen"] {
        town.post(&to(&of_town, action), json!({ "note": "已办" })).await.refused(OwnRectification);
    }
    bureau.post(&to(&of_town, "close"), json!({})).await.is(200);
    // Colleagues of one office are one side.
    let colleague = app.joined("colleague", Role::Town, TOWN_A, None).await;
    let third = bureau.post("/findings", finding(&inspection.id(), "town")).await.is(201);
    town.post(&to(&third, "submit"), mended()).await.is(200);
    colleague.post(&to(&third, "close"), json!({})).await.refused(OwnRectification);
    // The database refuses it as well, whatever the service says.
    let id = |who: Who| app.world.accounts[&who].user_id;
    for (user, role) in [(id(TownA), "bureau"), (id(Bureau), "town")] {
        let verified = format!("closed_on = '2020-04-20', verified_role = '{role}', verified_by = {}", literal(app, user));
        assert!(written(app, &third, &format!("state = 'closed', {verified}")).await.is_err(), "{role}");
    }
    assert!(written(app, &third, "state = 'closed'").await.is_err());
    let by_bureau = format!("verified_role = 'bureau', verified_by = {}", literal(app, id(Bureau)));
    written(app, &third, &format!("state = 'closed', closed_on = '2020-04-20', {by_bureau}")).await.expect("the bureau verifies");
});

/// Writes columns of a finding past the service.
async fn written(app: &TestApp, finding: &Answer, columns: &str) -> Result<(), sea_orm::DbErr> {
    let id = literal(app, finding.id().parse().expect("an id"));
    let statement = format!("UPDATE findings SET {columns} WHERE id = {id}");
    app.app.database.writer().execute_unprepared(&statement).await.map(drop)
}

/// An id as the database writes it.
fn literal(app: &TestApp, id: Uuid) -> String {
    match app.db {
        Db::Sqlite => format!("X'{}'", id.simple()),
        Db::Postgres => format!("'{id}'"),
    }
}

both_databases!(of_many_who_verify_at_once_one_does_and_the_same_entry_is_made_once, async |app| {
    let inspection = planned(app).await;
    let made = app.bureau().post("/findings", finding(&inspection.id(), "organisation")).await.is(201);
    app.organisation_a().post(&format!("{}/submit", made.path()), mended()).await.is(200);
    let clients = [app.bureau(), app.town_a()];
    let call = |number: usize| {
        let (client, action) = (&clients[number % 2], if number < 3 { "close" } else { "reopen" });
        client.post(&format!("{}/{action}", made.path()), json!({ "note": "复核" })).if_match("\"2\"")
    };
    let (done, refused) = at_once((0..6).map(call)).await;
    assert_eq!((done.len(), refused.len()), (1, 5));
    let entry = with(finding(&inspection.id(), "village"), "/entry_id", json!(Uuid::now_v7()));
    let bureau = app.bureau();
    let (made, refused) = at_once((0..4).map(|_| bureau.post("/findings", entry.clone()))).await;
    assert_eq!((made.len(), refused.len()), (1, 3));
    bureau.post("/findings", entry).await.refused(AlreadyEntered);
});

both_databases!(a_finding_that_is_out_of_place_is_refused_at_its_field, async |app| {
    let inspection = planned(app).await;
    let (bureau, body) = (app.bureau(), finding(&inspection.id(), "village"));
    for (pointer, value, code) in [
        ("/item", json!(4), "unknown"),
        ("/found_on", json!("2020-04-21"), "future"),
        ("/found_on", json!("2020-04-19"), "outside_round"),
        ("/due_on", json!("2020-04-19"), "end_before_start"),
        ("/inspection_id", json!(Uuid::nil()), "unknown"),
        ("/problem", json!("户主电话 13812345678"), "personal_number"),
    ] {
        bureau.post("/findings", with(body.clone(), pointer, value)).await.fault(pointer, code);
    }
    for client in [app.village_a(), app.organisation_a()] {
        client.post("/findings", body.clone()).await.refused(Forbidden);
    }
    bureau.post(&format!("{}/cancel", inspection.path()), json!({ "note": "改期" })).await.is(200);
    bureau.post("/findings", body).await.refused(IllegalStep);
});

both_databases!(the_list_its_filters_the_counts_and_the_work_list_agree_on_every_day, async |app| {
    let inspection = planned(app).await;
    let (bureau, organisation) = (app.bureau(), app.organisation_a());
    let found: NaiveDate = "2020-04-20".parse().expect("a date");
    // A finding of every state for each of many days, set as if all steps had been taken.
    let days = [0, 1, 5, 6, 7, 8, 13, 14, 15, 16, 21, 30];
    let verified = format!(
        "rectified_by = {}, rectified_role = 'organisation', verified_by = {}, verified_role = 'bureau', closed_on = '2020-05-01'",
        literal(app, app.world.accounts[&OrganisationA].user_id),
        literal(app, app.world.accounts[&Bureau].user_id),
    );
    for (number, &ahead) in days.iter().enumerate() {
        let due_on = found + Days::new(ahead);
        let body = with(finding(&inspection.id(), "organisation"), "/due_on", json!(due_on));
        let made = bureau.post("/findings", body).await.is(201);
        let state = FindingState::ALL[number % FindingState::ALL.len()];
        let id = literal(app, made.id().parse().expect("an id"));
        app.sql(&format!("UPDATE findings SET state = '{}', {verified} WHERE id = {id}", state.code())).await;
    }
    for today in ["2020-04-20", "2020-04-27", "2020-04-28", "2020-05-04", "2020-05-05", "2020-05-06", "2020-05-20", "2020-06-10"]
    {
        app.clock.set(noon(today));
        let day: NaiveDate = today.parse().expect("a date");
        let all = bureau.get("/findings?limit=100").await.is(200);
        let stands = |item: &Value| {
            let state = FindingState::from_code(item["state"].as_str().expect("a code")).expect("a state");
            due(state, item["due_on"].as_str().expect("a date").parse().expect("a date"), day)
        };
        let total = |answer: &Answer| usize::try_from(answer["total"].as_u64().expect("a total")).expect("a number");
        for standing in FindingDue::ALL {
            let of = |item: &&Value| stands(item) == *standing;
            let expected = all.items().iter().filter(of).count();
            let listed = bureau.get(&format!("/findings?limit=100&due={}", standing.code())).await.is(200);
            assert_eq!(total(&listed), expected, "{today} {standing:?}");
            assert!(listed.items().iter().all(|item| item["due"] == standing.code()), "{today} {standing:?}");
        }
        let late = |item: &&Value| matches!(stands(item), FindingDue::Overdue | FindingDue::Escalated);
        let expected = all.items().iter().filter(late).count();
        assert_eq!(total(&bureau.get("/findings?overdue=true").await.is(200)), expected, "{today}");
        assert_eq!(total(&bureau.get("/findings?overdue=false").await.is(200)), days.len() - expected, "{today}");

        let group = async |client: &Client, kind: &str| {
            let work = client.get("/work-items").await.is(200);
            let groups = work["groups"].as_array().expect("groups").clone();
            let group = groups.into_iter().find(|group| group["kind"] == kind);
            group.map_or((0, None), |group| {
                (group["total"].as_u64().expect("a total"), group["records"].as_str().map(str::to_owned))
            })
        };
        let escalated = all.items().iter().filter(|item| stands(item) == FindingDue::Escalated).count();
        let (shown, records) = group(&bureau, "escalated_findings").await;
        assert_eq!(usize::try_from(shown).expect("a number"), escalated, "{today}");
        if let Some(records) = records {
            assert_eq!(total(&bureau.get(&records).await.is(200)), escalated);
        }
        let open = |item: &&Value| ["open", "rectifying", "reopened"].contains(&item["state"].as_str().expect("a code"));
        let waits = all.items().iter().filter(open).count();
        let (shown, records) = group(&organisation, "rectify_findings").await;
        assert_eq!(usize::try_from(shown).expect("a number"), waits, "{today}");
        assert_eq!(total(&organisation.get(&records.expect("a list")).await.is(200)), waits);
    }
});
