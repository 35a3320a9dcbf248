//! A month of forms: who owes one, when it is closed and reopened, and what a sent form preserves.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::reports::{form, step, write};
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

both_databases!(a_town_that_has_nothing_to_report_is_not_due, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let (town, bureau) = (app.town_b(), app.bureau());
    app.clock.set(noon("2020-07-01"));
    let draft = town.post("/reports", form(&pairing, TOWN_B)).await.is(201);
    assert_eq!(draft["rows"], json!([]));
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
    // With a row of its own the form could be sent, so it is late.
    let row = json!({ "village_name": "塔头村", "organisation_name": "商会", "content": "修路", "progress": "完工" });
    town.patch(&draft.path(), json!({ "rows": [row] })).if_match(&draft.etag()).await.is(200);
    assert_eq!(stands().await, json!(["missing", true, [TOWN_A, TOWN_B], "2020-07-05", true, true]));
});

both_databases!(a_town_that_takes_its_pairings_out_of_the_form_is_late_all_the_same, async |app| {
    let pairing = app.active(campaign(), "2020-04-20").await;
    app.clock.set(noon("2020-06-10"));
    app.bureau().post(&format!("{}/complete", pairing.path()), json!({})).await.is(200);
    app.clock.set(noon("2020-08-06"));
    for (month, standing) in [("2020-05", "missing"), ("2020-06", "missing"), ("2020-07", "not_due")] {
        let draft = app.town_a().post("/reports", with(form(&pairing, TOWN_A), "/month", json!(month))).await.is(201);
        let empty = app.town_a().patch(&draft.path(), json!({ "rows": [] })).if_match(&draft.etag()).await.is(200);
        assert_eq!((&empty["standing"], &empty["overdue"]), (&json!(standing), &json!(standing == "missing")), "{month}");
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
