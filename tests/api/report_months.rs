//! A month of forms: who owes one, when it is closed and reopened, and what a sent form preserves.

use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::reports::{form, step, write};
use super::{deadlines, work};
use crate::both_databases;
use crate::support::*;

both_databases!(the_bureau_reopens_an_accepted_form_with_a_reason, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let (town, bureau, village) = (app.town_a(), app.bureau(), app.village_a());
    app.clock.set(noon("2020-07-01"));
    let update = write(&app.organisation_a(), &pairing, "2020-06", "已发放2户").await;
    let form = town.post("/reports", form(&pairing, TOWN_A)).await.is(201);
    step(&town, &form, "submit").await.is(200);
    step(&bureau, &form, "reopen").await.refused(IllegalStep);
    step(&bureau, &form, "accept").await.is(200);
    let change = json!({ "progress": "已发放3户" });
    village.patch(&update.path(), change.clone()).if_match(&update.etag()).await.refused(MonthClosed);

    bureau.post(&format!("{}/reopen", form.path()), json!({})).await.fault("/note", "required");
    for client in [&town, &app.as_(Who::LeadingGroup), &app.as_(Who::Auditor), &village] {
        step(client, &form, "reopen").await.refused(Forbidden);
    }
    let reopened = step(&bureau, &form, "reopen").await.is(200);
    assert_eq!((&reopened["state"], &reopened["return_reason"]), (&json!("returned"), &json!("请补充进展")));
    assert_eq!(reopened["standing"], "on_time");
    let entry = bureau.get(&format!("{}/history", form.path())).await.is(200).items()[0].clone();
    assert_eq!((&entry["action"], &entry["note"]), (&json!("reopen"), &json!("请补充进展")));
    let audited = app.as_(Who::Auditor).get("/audit-events?action=reopen").await.is(200);
    assert_eq!((&audited["total"], &audited.items()[0]["object_id"]), (&json!(1), &json!(form.id())));

    // The month's progress can be changed again, and the form waits for the town.
    let change = village.patch(&update.path(), change).if_match(&update.etag()).await.is(200);
    assert_eq!(change["editable"], true);
    let waits = town.get("/reports?waits_for_me=true").await.is(200);
    assert_eq!((&waits["total"], &waits.items()[0]["state"]), (&json!(1), &json!("returned")));
    assert_eq!(step(&town, &form, "redraft").await.is(200)["rows"][0]["progress"], "已发放3户");
    step(&town, &form, "submit").await.is(200);
    step(&bureau, &form, "accept").await.is(200);
    let last = json!({ "progress": "已发放4户" });
    village.patch(&update.path(), last).if_match(&change.etag()).await.refused(MonthClosed);
});

both_databases!(a_town_that_takes_no_part_owes_nothing_and_may_say_so, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let (town, bureau) = (app.town_b(), app.bureau());
    app.clock.set(noon("2020-07-01"));
    let draft = town.post("/reports", form(&pairing, TOWN_B)).await.is(201);
    assert_eq!((&draft["rows"], &draft["allowed_actions"]), (&json!([]), &json!(["nil", "redraft"])));
    step(&town, &draft, "submit").await.refused(ReportEmpty);
    app.clock.set(noon("2020-07-08"));
    // The form's standing wherever it appears, and that of the other town, which has a pairing and no form.
    let stands = async || {
        let month = bureau.get(&format!("/report-months?campaign_id={campaign_id}&month=2020-06")).await.is(200);
        let mut seen: Vec<Value> = month["towns"].as_array().expect("towns").clone();
        seen.retain(|one| one["town_code"] == TOWN_B);
        seen.push(town.get(&draft.path()).await.is(200).body);
        seen.push(bureau.get(&format!("/reports?within={TOWN_B}")).await.is(200).items()[0].clone());
        let first = (seen[0]["standing"].clone(), seen[0]["overdue"].clone());
        assert_eq!(seen.len(), 3);
        seen.iter().for_each(|one| assert_eq!((&one["standing"], &one["overdue"]), (&first.0, &first.1)));
        let dashboard = bureau.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
        let late = dashboard["reports"]["late_units"].as_array().expect("units").clone();
        let work = town.get("/work-items").await.is(200);
        let waits = work["groups"].as_array().expect("groups").iter().find(|group| group["kind"] == "send_reports");
        let item = &waits.expect("a draft")["items"][0];
        let preflight = town.get(&format!("{}/preflight", draft.path())).await.is(200);
        let late: Vec<_> = late.iter().map(|unit| unit["town_code"].clone()).collect();
        json!([first.0, first.1, late, item["due_on"], item["overdue"], preflight["late"]])
    };
    assert_eq!(stands().await, json!(["not_due", false, [TOWN_A], null, false, false]));
    // With a row of its own the form could be sent, so it is late; it is no nil return any more.
    let row = json!({ "village_name": "塔头村", "organisation_name": "商会", "content": "修路", "progress": "完工" });
    let filled = town.patch(&draft.path(), json!({ "rows": [row] })).if_match(&draft.etag()).await.is(200);
    assert_eq!(filled["allowed_actions"], json!(["submit", "redraft"]));
    step(&town, &draft, "nil").await.refused(ReportNotNil);
    assert_eq!(stands().await, json!(["missing", true, [TOWN_A, TOWN_B], "2020-07-05", true, true]));
});

/// Lets village B take part, which is not paired.
async fn village_b_takes_part(app: &TestApp, campaign_id: &str) {
    let entry = json!({ "campaign_id": campaign_id, "village_code": VILLAGE_B });
    let entered = app.as_(Who::VillageB).post("/enrolments", entry).await.is(201);
    app.bureau().post(&format!("{}/confirm", entered.path()), json!({})).await.is(200);
}

both_databases!(a_town_without_a_pairing_sends_a_nil_return_that_counts_as_sent, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    village_b_takes_part(app, &campaign_id).await;
    let (town, bureau) = (app.town_b(), app.bureau());
    app.clock.set(noon("2020-07-02"));
    let month = format!("/report-months?campaign_id={campaign_id}&month=2020-06");
    let stands = async || {
        let towns = bureau.get(&month).await.is(200)["towns"].as_array().expect("towns").clone();
        let of = |town: &Value| json!([town["town_code"], town["pairing_count"], town["standing"], town["state"], town["nil"]]);
        towns.iter().map(of).collect::<Vec<_>>()
    };
    let unpaired = |standing: &str, state: Value, nil: bool| json!([TOWN_B, 0, standing, state, nil]);
    assert_eq!(stands().await[1], unpaired("not_due", Value::Null, false));
    // It waits for the town, with its day.
    assert_eq!(work::waiting(&town).await.get("begin_reports"), Some(&1));
    assert_eq!(deadlines::waiting(&town, "begin_reports").await, [(json!("2020-07-05"), json!(false))]);

    let draft = town.post("/reports", form(&pairing, TOWN_B)).await.is(201);
    assert_eq!((&draft["rows"], &draft["nil"]), (&json!([]), &json!(false)));
    bureau.post(&format!("{}/nil", draft.path()), json!({})).await.refused(Forbidden);
    let sent = step(&town, &draft, "nil").await.is(200);
    assert_eq!((&sent["state"], &sent["nil"], &sent["standing"]), (&json!("nil"), &json!(true), &json!("on_time")));
    assert_eq!((&sent["filled_on"], &sent["due_on"]), (&json!("2020-07-02"), &json!("2020-07-05")));
    town.patch(&draft.path(), json!({ "unit": "改" })).if_match(&sent.etag()).await.refused(IllegalStep);
    step(&town, &draft, "nil").await.refused(IllegalStep);
    app.clock.set(noon("2020-07-08"));
    assert_eq!(stands().await[1], unpaired("on_time", json!("nil"), true));
    let dashboard = bureau.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
    let figures: Vec<_> = dashboard["reports"]["standings"].as_array().expect("standings").clone();
    let of = |standing: &str| figures.iter().find(|one| one["standing"] == standing).expect("a figure")["towns"]["value"].clone();
    assert_eq!((of("on_time"), of("missing"), of("late")), (json!(1), json!(1), json!(0)));
    assert_eq!(dashboard["reports"]["late_units"][0]["town_code"], TOWN_A);
    assert_eq!(work::waiting(&town).await.get("begin_reports"), None);
    assert_eq!(work::waiting(&bureau).await.get("accept_reports"), Some(&1));
    assert_eq!(bureau.get("/reports?state=nil").await.is(200)["total"], 1);

    // It says so in a row of its own, in its workbook and in that of all towns; the list's workbook says it too.
    let all = month.replace('?', "/workbook?");
    for path in [format!("{}/workbook", draft.path()), all] {
        let mut book = Xlsx::new(Cursor::new(bureau.get(&path).await.is(200).bytes)).expect("a workbook");
        let range = book.worksheet_range("龙湖镇").expect("a sheet");
        assert_eq!(range.rows().nth(4).expect("a row")[0].to_string(), "本月无结对共建开展情况", "{path}");
        assert_eq!(range.rows().count(), 5);
    }
    let list = bureau.get(&format!("/reports/export?within={TOWN_B}")).await.is(200);
    let mut list = Xlsx::new(Cursor::new(list.bytes)).expect("a workbook");
    assert!(format!("{:?}", list.worksheet_range_at(0)).contains("零报告"));

    // Returned, it is sent again; accepted, it closes the month and stays a nil return.
    assert_eq!(step(&bureau, &draft, "return").await.is(200)["allowed_actions"], json!([]));
    step(&town, &draft, "redraft").await.is(200);
    let again = step(&town, &draft, "nil").await.is(200);
    assert_eq!((&again["standing"], &again["resubmitted_late"]), (&json!("on_time"), &json!(true)));
    let accepted = step(&bureau, &draft, "accept").await.is(200);
    assert_eq!((&accepted["state"], &accepted["nil"]), (&json!("accepted"), &json!(true)));
    assert_eq!(stands().await[1], unpaired("on_time", json!("accepted"), true));
    // One that is sent after the day is late, and was missing until then.
    let may = town.post("/reports", with(form(&pairing, TOWN_B), "/month", json!("2020-05"))).await.is(201);
    assert_eq!(may["standing"], "missing");
    assert_eq!(step(&town, &may, "nil").await.is(200)["standing"], "late");
});

both_databases!(who_has_something_to_report_sends_no_nil_return, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let (town, bureau) = (app.town_a(), app.bureau());
    app.clock.set(noon("2020-07-02"));
    let draft = town.post("/reports", form(&pairing, TOWN_A)).await.is(201);
    step(&town, &draft, "nil").await.refused(ReportNotNil);
    // Nor when the rows are taken out of the form.
    let emptied = town.patch(&draft.path(), json!({ "rows": [] })).if_match(&draft.etag()).await.is(200);
    assert_eq!(emptied["allowed_actions"], json!(["redraft"]));
    step(&town, &draft, "nil").await.refused(ReportNotNil);

    // A pairing of June is entered after the nil return of its town was sent: the bureau cannot accept that any more.
    village_b_takes_part(app, &campaign_id).await;
    let other = app.town_b();
    let nil = other.post("/reports", form(&pairing, TOWN_B)).await.is(201);
    step(&other, &nil, "nil").await.is(200);
    let two = json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_B });
    let late = app.organisation_a().post("/pairings", two).await.is(201);
    app.as_(Who::VillageB).post(&format!("{}/accept", late.path()), json!({})).await.is(200);
    bureau.post(&format!("{}/confirm", late.path()), json!({})).await.is(200);
    app.activate(&late.id(), "2020-06-20").await;
    step(&bureau, &nil, "accept").await.refused(ReportNotNil);
    step(&bureau, &nil, "return").await.is(200);
    let redrafted = step(&other, &nil, "redraft").await.is(200);
    assert_eq!((redrafted["rows"][0]["pairing_id"].clone(), &redrafted["nil"]), (json!(late.id()), &json!(false)));
    assert_eq!(step(&other, &nil, "submit").await.is(200)["state"], "submitted");
});

both_databases!(one_of_two_ways_to_send_a_form_at_once_wins, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    village_b_takes_part(app, pairing["campaign_id"].as_str().expect("an id")).await;
    app.clock.set(noon("2020-07-02"));
    let town = app.town_b();
    let draft = town.post("/reports", form(&pairing, TOWN_B)).await.is(201);
    let path = format!("{}/nil", draft.path());
    let sent = join_all((0..6).map(|_| town.post(&path, json!({})).into_future())).await;
    let (won, lost): (Vec<_>, Vec<_>) = sent.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 5));
    for answer in lost {
        assert_eq!(answer.refused(IllegalStep)["state"], "nil");
    }
});

both_databases!(a_town_that_takes_its_pairings_out_of_the_form_is_late_all_the_same, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-10"));
    app.bureau().post(&format!("{}/complete", pairing.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-08-06"));
    for (month, standing) in [("2020-05", "missing"), ("2020-06", "missing"), ("2020-07", "missing")] {
        let draft = app.town_a().post("/reports", with(form(&pairing, TOWN_A), "/month", json!(month))).await.is(201);
        let empty = app.town_a().patch(&draft.path(), json!({ "rows": [] })).if_match(&draft.etag()).await.is(200);
        assert_eq!((&empty["standing"], &empty["overdue"]), (&json!(standing), &json!(standing == "missing")), "{month}");
        // After the pairing has ended, the town still takes part: it says that there is nothing to say.
        let sends = if month == "2020-07" { json!(["nil", "redraft"]) } else { json!(["redraft"]) };
        assert_eq!(empty["allowed_actions"], sends, "{month}");
    }
});

both_databases!(what_was_sent_keeps_the_name_of_its_town_and_the_day_it_was_due, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    let (town, bureau) = (app.town_a(), app.bureau());
    app.clock.set(noon("2020-07-04"));
    let sent = town.post("/reports", form(&pairing, TOWN_A)).await.is(201);
    step(&town, &sent, "submit").await.is(200);
    let draft = app.town_b().post("/reports", form(&other, TOWN_B)).await.is(201);
    app.sql("UPDATE areas SET name = '东石街道' WHERE code = '350582104'").await;
    let held = bureau.get(&format!("/campaigns/{}", pairing["campaign_id"].as_str().expect("an id"))).await.is(200);
    bureau.patch(&held.path(), json!({ "settings": { "report_day": 3 } })).if_match(&held.etag()).await.is(200);

    let month = format!("/report-months?campaign_id={}&month=2020-06", held.id());
    let seen = [
        town.get(&sent.path()).await.is(200).body,
        bureau.get(&format!("/reports?within={TOWN_A}")).await.is(200).items()[0].clone(),
        bureau.get(&month).await.is(200)["towns"][0].clone(),
    ];
    for one in &seen {
        assert_eq!((&one["town_name"], &one["standing"]), (&json!("东石镇"), &json!("on_time")));
    }
    assert_eq!((&seen[0]["due_on"], &seen[1]["due_on"]), (&json!("2020-07-05"), &json!("2020-07-05")));
    let book = town.get(&format!("{}/workbook", sent.path())).await.is(200);
    let sheets = Xlsx::new(Cursor::new(book.bytes.clone())).expect("a workbook");
    assert_eq!(sheets.sheet_names(), ["东石镇"]);
    let name = book.header("content-disposition").expect("a name");
    assert!(name.contains("%2D%E4%B8%9C%E7%9F%B3%E9%95%87%2D2020%2D06.xlsx"), "{name}");
    for path in [format!("/reports/export?within={TOWN_A}"), format!("{month}&within={TOWN_A}").replace('?', "/workbook?")] {
        let mut sheets = Xlsx::new(Cursor::new(bureau.get(&path).await.is(200).bytes)).expect("a workbook");
        let cells = format!("{:?}{:?}", sheets.sheet_names(), sheets.worksheet_range_at(0));
        assert!(cells.contains("东石镇") && !cells.contains("东石街道"), "{path}: {cells}");
    }
    // An unsent form follows the setting. A form that is sent again takes the town's current name.
    assert_eq!(app.town_b().get(&draft.path()).await.is(200)["due_on"], "2020-07-03");
    step(&bureau, &sent, "return").await.is(200);
    let again = step(&town, &sent, "submit").await.is(200);
    assert_eq!((&again["town_name"], &again["due_on"]), (&json!("东石街道"), &json!("2020-07-05")));
});
