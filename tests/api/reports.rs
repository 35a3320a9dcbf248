//! Monthly reports: from the town's draft to the city's workbook.

use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, op};
use super::campaigns::campaign_with_pairing;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read the report of town A.
const REPORT: &[Who] = &[Bureau, LeadingGroup, TownA, Auditor];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_reports"),
        op("export_reports"),
        op("create_report")
            .on(campaign_with_pairing)
            .body(|_, campaign| new_report(&campaign.id))
            .only(&[TownA])
            .but(&[(Bureau, Forbidden)])
            .foreign(Forbidden),
        op("read_report").on(report).only(REPORT).or(NotFound),
        op("update_report")
            .on(report)
            .body(|_, _| json!({ "unit": "东石镇" }))
            .only(&[TownA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_report").on(report).step("submit").reasons().only(&[TownA]).or(NotFound).but(&[(Bureau, Forbidden)]),
        op("preflight_report").on(report).only(REPORT).or(NotFound),
        op("export_report").on(report).only(REPORT).or(NotFound),
        op("list_report_history").on(report).only(REPORT).or(NotFound),
        op("read_report_month").on(campaign_with_pairing).query(month).foreign(ValidationFailed),
        op("export_report_month").on(sent_month).query(month).only(REPORT).or(ReportEmpty).foreign(ValidationFailed),
    ],
    example: |app| {
        Box::pin(async {
            let pairing = app.active_village().await;
            let campaign_id = pairing["campaign_id"].as_str().expect("an id");
            app.town_a().post("/reports", new_report(campaign_id)).await.is(201);
        })
    },
    pages: &[
        ("bureau", "/reports"),
        ("bureau", "/reports/{}"),
        ("bureau", "/report-months"),
        ("town", "/reports/new"),
        ("town", "/reports"),
    ],
    ..Domain::EMPTY
};

fn new_report(campaign_id: &str) -> Value {
    json!({ "campaign_id": campaign_id, "town_code": TOWN_A, "month": "2020-04" })
}

fn report(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_with_pairing(app, who).await;
        app.town_a().post("/reports", new_report(&campaign.id)).await.is(201).into()
    })
}

/// The current month of a campaign, as a query.
fn month(campaign: &Target) -> String {
    format!("campaign_id={}&month=2020-04", campaign.id)
}

/// A month whose form town A has sent.
fn sent_month(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let campaign = campaign_with_pairing(app, who).await;
        let report = app.town_a().post("/reports", new_report(&campaign.id)).await.is(201);
        app.town_a().post(&format!("{}/submit", report.path()), json!({})).await.is(200);
        campaign
    })
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub async fn write(client: &Client, pairing: &Answer, month: &str, progress: &str) -> Answer {
    let update = json!({ "pairing_id": pairing.id(), "month": month, "content": "助学", "progress": progress });
    client.post("/progress-updates", update).await.is(201)
}

pub fn form(pairing: &Answer, town: &str) -> Value {
    json!({ "campaign_id": pairing["campaign_id"], "town_code": town, "month": "2020-06" })
}

/// Takes a step of a report, with the reason that some steps ask for.
pub async fn step(client: &Client, report: &Answer, action: &str) -> Answer {
    client.post(&format!("{}/{action}", report.path()), json!({ "note": "请补充进展" })).await
}

/// The rows as they can be sent back.
fn rows(report: &Answer) -> Vec<Value> {
    let strip = |row: &Value| {
        let mut row = row.clone();
        let fields = row.as_object_mut().expect("a row");
        fields.retain(|field, _| !matches!(field.as_str(), "position" | "carried"));
        row
    };
    report["rows"].as_array().expect("rows").iter().map(strip).collect()
}

both_databases!(a_form_is_drafted_edited_sent_returned_sent_again_and_accepted, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    let update = write(&app.organisation_a(), &pairing, "2020-06", "已发放2户").await;
    write(&app.as_(OrganisationB), &other, "2020-06", "已完工").await;
    let (town, bureau) = (app.town_a(), app.bureau());

    let draft = town.post("/reports", form(&pairing, TOWN_A)).await.is(201);
    assert_eq!(draft["unit"], "东石镇社会事务办");
    assert_eq!(draft["filled_on"], Value::Null);
    assert_eq!(draft["due_on"], "2020-07-05");
    assert_eq!((&draft["state"], &draft["standing"]), (&json!("draft"), &json!("not_due")));
    assert_eq!(draft["allowed_actions"], json!(["submit", "redraft"]));
    let expected = json!([{
        "position": 1, "pairing_id": pairing.id(), "village_name": "永湖村委会", "organisation_name": "晋江市慈善总会",
        "content": "助学", "progress": "已发放2户", "carried": null, "edited": false,
    }]);
    assert_eq!(draft["rows"], expected);
    town.post("/reports", form(&pairing, TOWN_A)).await.refused(ReportExists);

    // A redraft preserves edited rows; the others follow their progress updates.
    let mut edited = rows(&draft);
    edited.insert(0, json!({ "village_name": "塔头村", "organisation_name": "商会", "content": "修路", "progress": "" }));
    let edited = town.patch(&draft.path(), json!({ "rows": edited, "unit": "东石镇" })).if_match(&draft.etag()).await.is(200);
    assert_eq!(edited["rows"][0]["edited"], true);
    assert_eq!((&edited["rows"][1]["position"], &edited["rows"][1]["edited"]), (&json!(2), &json!(false)));
    let text = json!({ "progress": "全部发放完毕" });
    let update = app.village_a().patch(&update.path(), text).if_match(&update.etag()).await.is(200);
    let redrafted = step(&town, &edited, "redraft").await.is(200);
    assert_eq!(redrafted["unit"], "东石镇");
    assert_eq!(redrafted["rows"][0], edited["rows"][0]);
    assert_eq!(redrafted["rows"][1]["progress"], "全部发放完毕");
    let mut by_hand = rows(&redrafted);
    by_hand[1]["progress"] = json!("手工填写");
    let by_hand = town.patch(&draft.path(), json!({ "rows": by_hand })).if_match(&redrafted.etag()).await.is(200);
    assert_eq!(by_hand["rows"][1]["edited"], true);
    assert_eq!(step(&town, &by_hand, "redraft").await.is(200)["rows"][1]["progress"], "手工填写");

    // Once sent, the form is a snapshot and waits for the bureau.
    bureau.post(&format!("{}/submit", draft.path()), json!({})).await.refused(Forbidden);
    step(&bureau, &draft, "accept").await.refused(IllegalStep);
    let sent = step(&town, &draft, "submit").await.is(200);
    assert_eq!((&sent["state"], &sent["standing"]), (&json!("submitted"), &json!("on_time")));
    assert_eq!((&sent["filled_on"], &sent["allowed_actions"]), (&json!("2020-07-01"), &json!([])));
    let refused = town.patch(&draft.path(), json!({ "unit": "改" })).if_match(&sent.etag()).await.refused(IllegalStep);
    assert_eq!(refused["state"], "submitted");
    step(&town, &draft, "redraft").await.refused(IllegalStep);
    let update = app.village_a().patch(&update.path(), json!({ "progress": "又改了" })).if_match(&update.etag()).await.is(200);
    app.sql("UPDATE organisations SET name = '改名后的慈善总会' WHERE name = '晋江市慈善总会'").await;
    assert_eq!(town.get(&draft.path()).await.is(200)["rows"], sent["rows"]);

    // Returned with a reason, mended and sent again: the first submission decides whether it is late.
    let bare = bureau.post(&format!("{}/return", draft.path()), json!({})).await;
    bare.fault("/note", "required");
    let returned = step(&bureau, &draft, "return").await.is(200);
    assert_eq!(returned["return_reason"], "请补充进展");
    app.clock.set(noon("2020-07-08"));
    assert_eq!(town.get(&draft.path()).await.is(200)["overdue"], true);
    let again = step(&town, &draft, "submit").await.is(200);
    assert_eq!((&again["late"], &again["overdue"], &again["resubmitted_late"]), (&json!(false), &json!(false), &json!(true)));
    assert_eq!(again["submitted_at"], sent["submitted_at"]);
    assert_eq!(again["filled_on"], "2020-07-01");

    // Once the form is accepted, the month is closed.
    let accepted = step(&bureau, &draft, "accept").await.is(200);
    assert_eq!(accepted["allowed_actions"], json!(["reopen"]));
    step(&bureau, &draft, "return").await.refused(IllegalStep);
    assert_eq!(app.village_a().get(&update.path()).await.is(200)["editable"], false);
    app.village_a().patch(&update.path(), json!({ "progress": "再改" })).if_match(&update.etag()).await.refused(MonthClosed);
    let history = bureau.get(&format!("{}/history?limit=200", draft.path())).await.is(200);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().expect("an action")).collect();
    assert_eq!(actions, ["accept", "submit", "return", "submit", "redraft", "update", "redraft", "update", "create"]);
});

both_databases!(a_closed_month_takes_no_new_update, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    let draft = app.town_a().post("/reports", form(&pairing, TOWN_A)).await.is(201);
    step(&app.town_a(), &draft, "submit").await.is(200);
    step(&app.bureau(), &draft, "accept").await.is(200);
    let update = json!({ "pairing_id": pairing.id(), "month": "2020-06", "content": "助学", "progress": "迟到" });
    app.organisation_a().post("/progress-updates", update.clone()).await.refused(MonthClosed);
    app.organisation_a().post("/progress-updates", with(update, "/month", json!("2020-05"))).await.is(201);
});

both_databases!(bad_reports_are_refused, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    let good = with(form(&pairing, TOWN_A), "/month", json!("2020-04"));
    let town = app.town_a();
    for (pointer, value, code) in [
        ("/month", json!("2020-05"), "future"),
        ("/month", json!("2020-03"), "date_outside_campaign"),
        ("/month", json!("2020"), "type"),
        ("/town_code", json!("350582"), "town_code"),
        ("/town_code", json!("350582999"), "unknown"),
        ("/campaign_id", json!("0190a000-0000-7000-8000-000000000000"), "unknown"),
        ("/rows", json!([]), "unknown_field"),
    ] {
        town.post("/reports", with(good.clone(), pointer, value)).await.fault(pointer, code);
    }
    town.post("/reports", with(good.clone(), "/town_code", json!(TOWN_B))).await.refused(OutsideOwnScope);
    app.bureau().post("/reports", good.clone()).await.refused(Forbidden);
    app.village_a().post("/reports", good.clone()).await.refused(Forbidden);
    app.organisation_a().get("/reports").await.refused(Forbidden);

    let draft = town.post("/reports", good).await.is(201);
    let row = &rows(&draft)[0];
    let patch = async |body: Value| town.patch(&draft.path(), body).if_match(&draft.etag()).await;
    patch(json!({ "rows": [row, row] })).await.fault("/rows/1/pairing_id", "duplicate");
    patch(json!({ "rows": [with(row.clone(), "/pairing_id", json!(other.id()))] })).await.fault("/rows/0/pairing_id", "unknown");
    patch(json!({ "rows": [with(row.clone(), "/content", json!("字".repeat(2001)))] })).await.fault("/rows/0/content", "length");
    patch(json!({ "rows": [with(row.clone(), "/village_name", json!(" "))] })).await.fault("/rows/0/village_name", "blank");
    patch(json!({ "rows": [with(row.clone(), "/position", json!(1))] })).await.fault("/rows/0/position", "unknown_field");
    patch(json!({ "rows": vec![with(row.clone(), "/pairing_id", Value::Null); 501] })).await.fault("/rows", "length");
    patch(json!({ "unit": null })).await.fault("/unit", "required");
    patch(json!({ "filled_on": "0020-07-01" })).await.fault("/filled_on", "date_out_of_range");
    patch(json!({ "state": "accepted" })).await.fault("/state", "unknown_field");
    town.patch(&draft.path(), json!({ "unit": "东石镇" })).await.refused(PreconditionRequired);
    app.bureau().patch(&draft.path(), json!({ "unit": "改" })).if_match(&draft.etag()).await.refused(Forbidden);
    assert_eq!(town.get(&draft.path()).await.is(200)["version"], 1);

    // A form without rows cannot be sent. A pairing that the town took out stays out until somebody puts it back.
    let emptied = town.patch(&draft.path(), json!({ "rows": [] })).if_match(&draft.etag()).await.is(200);
    assert_eq!(emptied["left_out"], json!([pairing.id()]));
    step(&town, &draft, "submit").await.refused(ReportEmpty);
    let redrafted = step(&town, &draft, "redraft").await.is(200);
    assert_eq!(redrafted["rows"], json!([]));
    let back = town.patch(&draft.path(), json!({ "rows": [row] })).if_match(&redrafted.etag()).await.is(200);
    assert_eq!((&back["left_out"], &back["rows"][0]["pairing_id"]), (&json!([]), &json!(pairing.id())));

    // Another town's form does not exist for the caller.
    let town_b = app.town_b();
    for path in ["", "/history", "/preflight", "/workbook"] {
        town_b.get(&format!("{}{path}", draft.path())).await.refused(NotFound);
    }
    town_b.patch(&draft.path(), json!({ "unit": "改" })).if_match(&back.etag()).await.refused(NotFound);
    step(&town_b, &draft, "submit").await.refused(NotFound);
    assert_eq!(town_b.get("/reports").await.is(200)["total"], 0);
    assert_eq!(app.bureau().get(&format!("/reports?month=2020-04&state=draft&within={TOWN_A}")).await.is(200)["total"], 1);
});

both_databases!(the_city_sees_who_is_missing_and_gets_one_workbook, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    write(&app.organisation_a(), &pairing, "2020-06", "=1+1").await;
    write(&app.as_(OrganisationB), &other, "2020-06", "已完工").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let month = format!("/report-months?campaign_id={campaign_id}&month=2020-06");
    let book = format!("/report-months/workbook?campaign_id={campaign_id}&month=2020-06");
    let (town_a, town_b, bureau) = (app.town_a(), app.town_b(), app.bureau());
    let standings = async || {
        let month = bureau.get(&month).await.is(200);
        let towns = month["towns"].as_array().expect("towns").clone();
        towns.iter().map(|town| (town["town_name"].clone(), town["standing"].clone(), town["state"].clone())).collect::<Vec<_>>()
    };
    let stand = |name: &str, standing: &str, state: Option<&str>| (json!(name), json!(standing), json!(state));

    app.statements.take();
    assert_eq!(standings().await, [stand("东石镇", "not_due", None), stand("龙湖镇", "not_due", None)]);
    assert_eq!(app.statements.take().len(), 4, "who calls, the campaign, the towns, what cadres do");
    bureau.get(&book).await.refused(ReportEmpty);
    let on_time = town_a.post("/reports", form(&pairing, TOWN_A)).await.is(201);
    step(&town_a, &on_time, "submit").await.is(200);
    app.clock.set(noon("2020-07-06"));
    assert_eq!(standings().await, [stand("东石镇", "on_time", Some("submitted")), stand("龙湖镇", "missing", None)]);
    let late = town_b.post("/reports", form(&other, TOWN_B)).await.is(201);
    assert_eq!((&late["standing"], &late["overdue"]), (&json!("missing"), &json!(true)));
    bureau.get(&format!("{month}&standing=late")).await.is(200);
    let sent = step(&town_b, &late, "submit").await.is(200);
    assert_eq!((&sent["late"], &sent["standing"]), (&json!(true), &json!("late")));
    assert_eq!(standings().await, [stand("东石镇", "on_time", Some("submitted")), stand("龙湖镇", "late", Some("submitted"))]);
    let steps = async |client: &Client| client.get(&month).await.is(200)["towns"][0]["allowed_actions"].clone();
    assert_eq!(steps(&bureau).await, json!(["accept", "return"]));
    assert_eq!((steps(&app.as_(LeadingGroup)).await, steps(&town_a).await), (json!([]), json!([])));
    // The number of a town's pairings links to these.
    for (active_in, count) in [("2020-03", 0), ("2020-04", 1), ("2020-06", 1)] {
        let path = format!("/pairings?campaign_id={campaign_id}&within={TOWN_A}&active_in={active_in}");
        assert_eq!(bureau.get(&path).await.is(200)["total"], count, "{active_in}");
    }
    let late_ones = bureau.get(&format!("{month}&standing=late")).await.is(200);
    assert_eq!(late_ones["towns"].as_array().map(Vec::len), Some(1));
    assert_eq!(town_a.get(&month).await.is(200)["towns"].as_array().map(Vec::len), Some(1), "a town sees its own");
    bureau.get(&format!("{month}&within=1")).await.fault("/within", "area_code");
    bureau.get("/report-months?month=2020-06").await.fault("/campaign_id", "required");

    let answer = bureau.get(&book).await.is(200);
    assert_eq!(answer.header("content-type"), Some(XLSX));
    assert!(answer.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
    let mut workbook = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["东石镇", "龙湖镇"]);
    let expected = [
        ["合作村社帮扶工作开展情况统计表", "", "", "", ""],
        ["填报单位: 东石镇社会事务办", "", "", "填报时间: 2020年7月1日", ""],
        ["序号", "合作村社", "", "具体帮扶内容", "进展情况"],
        ["", "村（社区）", "社会组织名称", "", ""],
        ["1", "永湖村委会", "晋江市慈善总会", "助学", "=1+1"],
    ];
    let cells: Vec<Vec<String>> = {
        let range = workbook.worksheet_range("东石镇").expect("a sheet");
        range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
    };
    assert_eq!(cells, expected);
    assert_eq!(workbook.worksheet_formula("东石镇").expect("a sheet").used_cells().count(), 0);
    let mut merged = workbook.merge_cells_by_sheet_name("龙湖镇").expect("a sheet");
    merged.sort_by_key(|region| region.start);
    let regions: Vec<_> = merged.iter().map(|region| (region.start, region.end)).collect();
    assert_eq!(
        regions,
        [
            ((0, 0), (0, 4)),
            ((1, 0), (1, 2)),
            ((1, 3), (1, 4)),
            ((2, 0), (3, 0)),
            ((2, 1), (2, 2)),
            ((2, 3), (3, 3)),
            ((2, 4), (3, 4)),
        ]
    );
    let one = town_a.get(&format!("{}/workbook", on_time.path())).await.is(200);
    let mut workbook = Xlsx::new(Cursor::new(one.bytes.clone())).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["东石镇"]);
    assert_eq!(workbook.worksheet_range("东石镇").expect("a sheet").rows().count(), 5);
});

both_databases!(preflight_names_what_to_look_at, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-25"));
    write(&app.organisation_a(), &pairing, "2020-05", "进行中").await;
    let draft = app.town_a().post("/reports", form(&pairing, TOWN_A)).await.is(201);
    let findings = async || {
        let found = app.town_a().get(&format!("{}/preflight", draft.path())).await.is(200);
        let found = found["findings"].as_array().expect("findings").clone();
        found.iter().map(|finding| finding["kind"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(findings().await, ["month_running", "update_missing", "text_empty", "project_missing"]);
    write(&app.organisation_a(), &pairing, "2020-06", "进行中").await;
    app.clock.set(noon("2020-07-01"));
    assert_eq!(findings().await, ["text_empty", "project_missing", "outdated"]);
    step(&app.town_a(), &draft, "redraft").await.is(200);
    assert_eq!(findings().await, ["progress_stale", "project_missing"]);
    app.organisation_a().post("/projects", project(&pairing.id())).await.is(201);
    assert_eq!(findings().await, ["progress_stale"]);
    let late = async || {
        let found = app.town_a().get(&format!("{}/preflight", draft.path())).await.is(200);
        (found["due_on"].clone(), found["late"].clone())
    };
    app.clock.set(noon("2020-07-05"));
    assert_eq!(late().await, (json!("2020-07-05"), json!(false)));
    app.clock.set(noon("2020-07-06"));
    assert_eq!(late().await, (json!("2020-07-05"), json!(true)));
    step(&app.town_a(), &draft, "submit").await.is(200);
    step(&app.bureau(), &draft, "return").await.is(200);
    assert_eq!(late().await, (json!("2020-07-05"), json!(false)), "it is judged by the first time");
});

both_databases!(of_what_is_done_to_a_form_at_once_one_wins, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-07-01"));
    let town = app.town_a();
    let drafts = (0..10).map(|_| town.post("/reports", form(&pairing, TOWN_A)).into_future());
    let (mut made, refused): (Vec<_>, Vec<_>) = join_all(drafts).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len()), (1, 9));
    for answer in refused {
        answer.refused(ReportExists);
    }
    let draft = made.remove(0);
    let submit = format!("{}/submit", draft.path());
    let submits = (0..10).map(|_| town.post(&submit, json!({})).into_future());
    let (won, lost): (Vec<_>, Vec<_>) = join_all(submits).await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 9));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], "submitted");
    }
    assert_eq!(town.get(&format!("{}/history", draft.path())).await.is(200)["total"], 2);
});

both_databases!(what_is_drafted_from_the_longest_words_can_be_edited, async |app| {
    let pairing = app.active(campaign(), "2020-04-18").await;
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.helps(pairing["campaign_id"].as_str().expect("an id"), &family.id()).await;
    let record = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    write(&app.organisation_a(), &pairing, "2020-04", &"字".repeat(2000)).await;
    let month = with(form(&pairing, TOWN_A), "/month", json!("2020-04"));
    let draft = app.town_a().post("/reports", month).await.is(201);
    let progress = draft["rows"][0]["progress"].as_str().expect("words");
    assert!(progress.chars().count() > 2000 && progress.ends_with("走访慰问1户，发放资金2000元"));
    // First unchanged, then in other words.
    let rows = json!(rows(&draft));
    let same = app.town_a().patch(&draft.path(), json!({ "rows": rows })).if_match(&draft.etag()).await.is(200);
    assert_eq!(same["rows"], draft["rows"]);
    let other = json!({ "rows": with(rows, "/0/content", json!("助学和慰问")) });
    app.town_a().patch(&draft.path(), other).if_match(&same.etag()).await.is(200);
});
