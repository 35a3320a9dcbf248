//! The working calendar: who keeps it, and how the days move on which forms are due.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use futures_util::future::join_all;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::authorization::{Made, Target, Upload, op};
use super::reports::{form, step};
use super::{Domain, deadlines};
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_calendar_days"),
        op("create_calendar_day").body(|_, _| day("2027-10-01", "day_off")).only(&[Admin]),
        op("read_calendar_day").on(known).everywhere(),
        op("update_calendar_day").on(known).body(|_, _| json!({ "name": "国庆节" })).everywhere().only(&[Admin]),
        op("list_calendar_day_history").on(known).everywhere(),
        op("read_calendar_day_template").only(&[Admin]),
        op("import_calendar_days").upload(book).only(&[Admin]),
        op("export_calendar_days"),
    ],
    pages: &[
        ("admin", "/calendar-days"),
        ("admin", "/calendar-days/import"),
        ("admin", "/calendar-days/new"),
        ("admin", "/calendar-days/{}"),
        ("admin", "/calendar-days/{}/edit"),
        ("bureau", "/calendar-days"),
        ("town", "/calendar-days"),
        ("town", "/calendar-days/{}"),
    ],
    ..Domain::EMPTY
};

const HEADER: &[&str] = &["日期", "类别", "名称"];

fn day(day: &str, kind: &str) -> Value {
    json!({ "day": day, "kind": kind, "name": "国庆节" })
}

fn known(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { of(app, "2026-10-01").await.into() })
}

/// A day that the migration has entered.
async fn of(app: &TestApp, day: &str) -> Answer {
    let days = app.as_(Admin).get(&format!("/calendar-days?year={}&limit=200", &day[..4])).await.is(200);
    let found = days.items().iter().find(|one| one["day"] == day).expect("the day").clone();
    app.as_(Admin).get(&format!("/calendar-days/{}", found["id"].as_str().expect("an id"))).await.is(200)
}

fn book(_: &Target) -> Upload {
    (vec![], XLSX, workbook(&[("工作日历", &[HEADER, &["2027-10-01", "放假", "国庆节"]])]))
}

async fn import(app: &TestApp, query: &str, rows: &[&[&str]]) -> Answer {
    let bytes = workbook(&[("工作日历", rows)]);
    app.as_(Admin).upload(&format!("/calendar-days/import{query}"), &[], ("表.xlsx", XLSX, &bytes)).await
}

/// A campaign of a year whose forms are due on the next working day.
fn by_workdays(year: i32) -> Value {
    let text = campaign().to_string().replace("2020", &year.to_string());
    let campaign: Value = serde_json::from_str(&text).expect("JSON");
    with(campaign, "/settings/report_day_rule", json!("next_workday"))
}

async fn due(app: &TestApp, campaign: &Answer, month: &str) -> Value {
    let path = format!("/report-months?campaign_id={}&month={month}", campaign.id());
    app.bureau().get(&path).await.is(200)["due_on"].clone()
}

both_databases!(the_calendar_knows_eight_years_of_holidays_on_a_fresh_installation, async |app| {
    let count = async |query: &str| app.village_a().get(&format!("/calendar-days?{query}")).await.is(200)["total"].clone();
    assert_eq!(count("").await, 288);
    for (year, days) in
        [(2018, 0), (2019, 34), (2020, 36), (2021, 38), (2022, 39), (2023, 33), (2024, 36), (2025, 33), (2026, 39)]
    {
        assert_eq!(count(&format!("year={year}")).await, days, "{year}");
    }
    assert_eq!(count("year=2020&kind=workday").await, 6);
    let latest = app.bureau().get("/calendar-days?limit=1").await.is(200);
    assert_eq!((&latest.items()[0]["day"], &latest.items()[0]["editable"]), (&json!("2026-10-10"), &json!(false)));
});

both_databases!(a_day_is_entered_once_and_changed_by_the_administrator, async |app| {
    let admin = app.as_(Admin);
    let made = admin.post("/calendar-days", day("2027-10-01", "day_off")).await.is(201);
    assert_eq!((&made["kind"], &made["editable"]), (&json!("day_off"), &json!(true)));
    admin.post("/calendar-days", day("2027-10-01", "workday")).await.fault("/day", "taken");
    admin.post("/calendar-days", with(day("2027-10-02", "day_off"), "/name", json!(" "))).await.fault("/name", "blank");
    admin.post("/calendar-days", day("2027-02-30", "day_off")).await.fault("/day", "type");
    admin.post("/calendar-days", day("2027-10-02", "holiday")).await.fault("/kind", "type");
    app.bureau().get("/calendar-days?year=1").await.fault("/year", "range");
    app.bureau().post("/calendar-days", day("2027-10-02", "day_off")).await.refused(Forbidden);
    let changed = admin.patch(&made.path(), json!({ "kind": "workday" })).if_match(&made.etag()).await.is(200);
    assert_eq!((&changed["kind"], &changed["version"]), (&json!("workday"), &json!(2)));
    admin.patch(&made.path(), json!({ "day": "2020-10-01" })).if_match(&changed.etag()).await.fault("/day", "taken");
    admin.patch(&made.path(), json!({ "name": "国庆" })).if_match(&made.etag()).await.refused(StaleVersion);
    let history = app.village_a().get(&format!("{}/history", made.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["update", "create"]);
    // Of many who enter the same day at once, one does.
    let together = (0..6).map(|_| admin.post("/calendar-days", day("2027-10-04", "day_off")).into_future());
    let (won, lost): (Vec<_>, Vec<_>) = join_all(together).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((won.len(), lost.len()), (1, 5));
    for answer in lost {
        answer.fault("/day", "taken");
    }
});

both_databases!(a_fifth_on_a_holiday_moves_to_the_next_working_day, async |app| {
    app.clock.set(noon("2020-04-01"));
    let campaign = app.bureau().post("/campaigns", by_workdays(2020)).await.is(201);
    // 劳动节 and 国庆节; a Sunday; a day that is none of them.
    for (month, day) in
        [("2020-04", "2020-05-06"), ("2020-09", "2020-10-09"), ("2020-06", "2020-07-06"), ("2020-07", "2020-08-05")]
    {
        assert_eq!(due(app, &campaign, month).await, day, "{month}");
    }
    // Weekends need not be kept: the settings say them. Other rules know no holiday.
    let kept = json!([{ "month": "2020-04", "due_on": "2020-05-06" }, { "month": "2020-09", "due_on": "2020-10-09" }]);
    assert_eq!(campaign["due_days"], kept);
    for (rule, april, june) in [("calendar_day", "2020-05-05", "2020-07-05"), ("next_weekday", "2020-05-05", "2020-07-06")] {
        let held = app.bureau().get(&campaign.path()).await.is(200);
        let rule = json!({ "settings": { "report_day_rule": rule } });
        app.bureau().patch(&held.path(), rule).if_match(&held.etag()).await.is(200);
        assert_eq!((due(app, &campaign, "2020-04").await, due(app, &campaign, "2020-06").await), (json!(april), json!(june)));
    }
    // 5 May 2019 was a Sunday that was worked.
    app.clock.set(noon("2019-04-20"));
    let before = app.bureau().post("/campaigns", by_workdays(2019)).await.is(201);
    assert_eq!(due(app, &before, "2019-04").await, "2019-05-05");
    // Of a year that nobody has entered, weekends count alone.
    app.clock.set(noon("2027-04-20"));
    let unknown = app.bureau().post("/campaigns", by_workdays(2027)).await.is(201);
    assert_eq!(
        (due(app, &unknown, "2027-05").await, due(app, &unknown, "2027-09").await),
        (json!("2027-06-07"), json!("2027-10-05"))
    );
});

both_databases!(form_work_list_and_standing_ask_for_the_same_day, async |app| {
    let settings = json!({ "report_day_rule": "next_workday" });
    let pairing = app.active(with(campaign(), "/settings", settings), "2020-04-20").await;
    let month = format!("/report-months?campaign_id={}&month=2020-04", pairing["campaign_id"].as_str().expect("an id"));
    let town = app.town_a();
    let stands = async || app.bureau().get(&month).await.is(200)["towns"][0]["standing"].clone();
    // The fifth is a holiday: one second before midnight of the sixth is in time.
    app.clock.set(instant("2020-05-06T15:59:59Z"));
    let on = |late: bool| vec![(json!("2020-05-06"), json!(late))];
    assert_eq!((stands().await, deadlines::waiting(&town, "begin_reports").await), (json!("not_due"), on(false)));
    // Until then it is April's progress that is written.
    assert_eq!(deadlines::waiting(&town, "write_progress").await, on(false));
    let april = town.post("/reports", with(form(&pairing, TOWN_A), "/month", json!("2020-04"))).await.is(201);
    assert_eq!(april["due_on"], "2020-05-06");
    assert_eq!(deadlines::waiting(&town, "send_reports").await, on(false));
    assert_eq!(app.bureau().get("/reports").await.is(200).items()[0]["due_on"], "2020-05-06");
    app.clock.set(instant("2020-05-06T16:00:00Z"));
    assert_eq!((stands().await, deadlines::waiting(&town, "send_reports").await), (json!("missing"), on(true)));
    let dashboard = app.bureau().get(&month.replace("/report-months", "/dashboard").replace("&month=2020-04", "")).await.is(200);
    assert_eq!(dashboard["reports"]["due_on"], "2020-05-06");
    let preflight = town.get(&format!("{}/preflight", april.path())).await.is(200);
    assert_eq!((&preflight["due_on"], &preflight["late"]), (&json!("2020-05-06"), &json!(true)));
    assert_eq!(step(&town, &april, "submit").await.is(200)["standing"], "late");
});

both_databases!(what_changes_in_the_calendar_moves_what_is_still_to_come, async |app| {
    app.clock.set(noon("2020-06-20"));
    let bureau = app.bureau();
    let campaign = bureau.post("/campaigns", by_workdays(2020)).await.is(201);
    let plain = with(by_workdays(2020), "/settings/report_day_rule", json!("calendar_day"));
    let plain = bureau.post("/campaigns", with(plain, "/document_number", json!("晋政民〔2020〕29号"))).await.is(201);
    // 5 August becomes a holiday, and so does the day after; a past day says what nobody can undo.
    let admin = app.as_(Admin);
    for at in ["2020-08-05", "2020-08-06", "2020-06-05"] {
        admin.post("/calendar-days", day(at, "day_off")).await.is(201);
    }
    assert_eq!(
        (due(app, &campaign, "2020-07").await, due(app, &campaign, "2020-05").await),
        (json!("2020-08-07"), json!("2020-06-05"))
    );
    assert_eq!(due(app, &plain, "2020-07").await, "2020-08-05");
    let history = bureau.get(&format!("{}/history", campaign.path())).await.is(200);
    assert_eq!((&history["total"], &history.items()[0]["action"]), (&json!(3), &json!("update")));
    let changed: Vec<_> =
        history.items()[0]["changes"].as_array().expect("changes").iter().map(|one| one["field"].clone()).collect();
    assert_eq!(changed, ["due_days"]);
    assert_eq!(bureau.get(&format!("{}/history", plain.path())).await.is(200)["total"], 1);
    // It was a mistake. Once the day is over, it stays as it was due.
    let wrong = of(app, "2020-08-05").await;
    admin.patch(&wrong.path(), json!({ "kind": "workday" })).if_match(&wrong.etag()).await.is(200);
    assert_eq!(due(app, &campaign, "2020-07").await, "2020-08-05");
    app.clock.set(noon("2020-08-06"));
    let again = of(app, "2020-08-05").await;
    admin.patch(&again.path(), json!({ "kind": "day_off" })).if_match(&again.etag()).await.is(200);
    assert_eq!(due(app, &campaign, "2020-07").await, "2020-08-05");
});

both_databases!(no_campaign_misses_a_day_that_is_entered_while_it_is_opened, async |app| {
    app.clock.set(noon("2020-04-01"));
    let (bureau, admin) = (app.bureau(), app.as_(Admin));
    for number in 0..8 {
        let at = format!("2020-08-{:02}", 5 + number);
        let input = with(by_workdays(2020), "/document_number", json!(format!("晋政民〔2020〕{number}号")));
        let input = with(input, "/settings/report_day", json!(5 + number));
        let (opened, entered) = futures_util::join!(
            bureau.post("/campaigns", input).into_future(),
            admin.post("/calendar-days", with(day(&at, "day_off"), "/name", json!("调休"))).into_future()
        );
        let (opened, _) = (opened.is(201), entered.is(201));
        let due = due(app, &opened, "2020-07").await;
        assert!(due.as_str().expect("a day") > at.as_str(), "{at}: {due}");
    }
});

both_databases!(a_year_comes_as_a_workbook, async |app| {
    app.clock.set(noon("2026-12-01"));
    let campaign = app.bureau().post("/campaigns", by_workdays(2027)).await.is(201);
    assert_eq!(due(app, &campaign, "2027-09").await, "2027-10-05");
    let days: Vec<_> = (1..=8).map(|day| format!("2027-10-{day:02}")).collect();
    let mut rows: Vec<Vec<&str>> = days.iter().map(|day| vec![day.as_str(), "放假", "国庆节"]).collect();
    rows.push(vec!["2027-10-09", "上班", "国庆节"]);
    let rows: Vec<&[&str]> = [HEADER].into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
    let tried = import(app, "?dry_run=true", &rows).await.is(200);
    assert_eq!((&tried["created"], due(app, &campaign, "2027-09").await), (&json!(9), json!("2027-10-05")));
    assert_eq!(import(app, "", &rows).await.is(200)["created"], 9);
    // 9 October is a Saturday that is worked.
    assert_eq!(due(app, &campaign, "2027-09").await, "2027-10-09");
    assert_eq!(import(app, "", &rows).await.is(200)["updated"], 0);
    let bad: &[&[&str]] = &[HEADER, &["2027-10-01", "放假", "国庆节"], &["2027-10-01", "上班", "国庆节"], &["十月", "放", ""]];
    let refused = import(app, "?dry_run=true", bad).await.is(200);
    let faults: Vec<_> =
        refused["errors"].as_array().expect("faults").iter().map(|one| json!([one["row"], one["field"]])).collect();
    assert_eq!(faults, [json!([4, "day"]), json!([4, "kind"]), json!([4, "name"]), json!([3, "day"])]);
    // What goes out comes in again, and nothing changes; what was changed since is not undone.
    let out = app.as_(Admin).get("/calendar-days/export?year=2027").await.is(200);
    let again = async || app.as_(Admin).upload("/calendar-days/import", &[], ("表.xlsx", XLSX, &out.bytes)).await;
    let same = again().await.is(200);
    assert_eq!((&same["rows"], &same["created"], &same["updated"]), (&json!(9), &json!(0), &json!(0)));
    let worked = of(app, "2027-10-09").await;
    app.as_(Admin).patch(&worked.path(), json!({ "kind": "day_off" })).if_match(&worked.etag()).await.is(200);
    assert_eq!(again().await.refused(ValidationFailed)["errors"][0]["code"], "changed_since");
    assert_eq!(due(app, &campaign, "2027-09").await, "2027-10-11");
});
