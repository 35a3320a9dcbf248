//! What is signed, sent or past keeps its contents, whatever is renamed, cancelled or reconfigured later.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

use super::household_splits::figures;
use super::reports::{form, step};
use crate::both_databases;
use crate::support::*;

/// The words of a document, and the name of its file.
async fn document(client: &Client, agreement: &Answer) -> (String, String) {
    let file = client.get(&format!("{}/document", agreement.path())).await.is(200);
    let name = file.header("content-disposition").expect("a name").to_owned();
    let mut archive = zip::ZipArchive::new(Cursor::new(file.bytes)).expect("a package");
    let mut xml = String::new();
    archive.by_name("word/document.xml").expect("its document").read_to_string(&mut xml).expect("UTF-8");
    // Compare the texts only: paragraph ids are new each time.
    let words: Vec<_> = xml.split("xml:space=\"preserve\">").skip(1).filter_map(|part| part.split("</w:t>").next()).collect();
    (words.join("\n"), name)
}

both_databases!(a_signed_agreement_keeps_its_names_and_its_projects, async |app| {
    let draft = app.agreement(campaign()).await;
    let pairing_id = draft["pairing_id"].as_str().expect("an id");
    let planned = app.organisation_a().post("/projects", project(pairing_id)).await.is(201);
    let renames = async |after: &str| {
        app.sql(&format!("UPDATE organisations SET name = '慈善总会{after}' WHERE id = (SELECT organisation_id FROM pairings)"))
            .await;
        app.sql(&format!("UPDATE areas SET name = '永湖{after}' WHERE code = '{VILLAGE_A}'")).await;
        app.sql(&format!("UPDATE areas SET name = '东石{after}' WHERE code = '{TOWN_A}'")).await;
        app.sql(&format!("UPDATE campaigns SET title = '活动{after}'")).await;
    };
    let names = |of: &Value| {
        ["organisation_name", "village_name", "town_name", "campaign_title"].map(|field| of[field].as_str().unwrap().to_owned())
    };
    // A draft follows today's names and projects.
    renames("一").await;
    let read = async || app.bureau().get(&draft.path()).await.is(200);
    assert_eq!(names(&read().await.body), ["慈善总会一", "永湖一", "东石一", "活动一"]);
    assert_eq!(read().await["projects"], Value::Null);
    app.scan(&draft).await;
    let signed = app.bureau().post(&format!("{}/sign", draft.path()), json!({ "signed_on": "2020-04-20" })).await.is(200);
    let expected = json!([{
        "id": planned.id(), "title": "龙眼深加工", "cooperation_form": "商会出资，村集体合作社经营", "starts_on": "2020-05-01",
        "ends_on": "2020-11-30", "budget_fen": 1_000_000,
    }]);
    assert_eq!(signed["projects"], expected);
    let before = document(&app.bureau(), &draft).await;

    renames("二").await;
    app.organisation_a().post(&format!("{}/cancel", planned.path()), json!({ "note": "另选项目" })).await.is(200);
    let other = with(project(pairing_id), "/title", json!("修路"));
    app.organisation_a().post("/projects", other).await.is(201);
    let kept = read().await;
    assert_eq!((names(&kept.body), &kept["projects"]), (names(&signed.body), &expected));
    for client in [app.bureau(), app.town_a(), app.village_a(), app.organisation_a()] {
        assert_eq!(document(&client, &draft).await, before);
    }
    assert!(before.0.contains("甲方（社会组织）：慈善总会一") && before.0.contains("乙方（村、社区）：东石一永湖一"));
    assert!(before.0.contains("龙眼深加工") && before.0.contains("活动一") && !before.0.contains("修路"));

    // Lists show the signed agreement under the name that it was signed with, and search finds it there.
    for found in ["", "?q=慈善总会一", "?q=永湖一", "?sort=organisation_name"] {
        let listed = app.bureau().get(&format!("/agreements{found}")).await.is(200);
        assert_eq!((listed["total"].as_u64(), names(&listed.items()[0])), (Some(1), names(&signed.body)), "{found}");
    }
    let book = app.bureau().get("/agreements/export").await.is(200);
    assert!(format!("{:?}", rows_of(&book)).contains("慈善总会一"));
    // Its pairing uses today's names, and so does the next agreement.
    assert_eq!(app.bureau().get(&format!("/pairings/{pairing_id}")).await.is(200)["organisation_name"], "慈善总会二");
    app.bureau().post(&format!("{}/terminate", draft.path()), json!({ "note": "重新签订" })).await.is(200);
    let next = app.bureau().post("/agreements", agreement(pairing_id)).await.is(201);
    assert_eq!(next["organisation_name"], "慈善总会二");
    assert_eq!(names(&read().await.body), names(&signed.body), "ended, it says what was signed");
});

/// The cells of the first sheet of a workbook.
fn rows_of(answer: &Answer) -> Vec<Vec<String>> {
    use calamine::{Data, Reader, Xlsx};
    let mut book = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

both_databases!(a_month_that_is_past_keeps_the_day_on_which_its_forms_were_due, async |app| {
    let (pairing, other) = app.both_active(campaign(), "2020-04-20").await;
    let campaign_id = pairing["campaign_id"].as_str().expect("an id").to_owned();
    let (town, bureau) = (app.town_b(), app.bureau());
    app.clock.set(noon("2020-07-08"));
    let draft = town.post("/reports", form(&other, TOWN_B)).await.is(201);
    let set = async |settings: Value| {
        let held = bureau.get(&format!("/campaigns/{campaign_id}")).await.is(200);
        bureau.patch(&held.path(), json!({ "settings": settings })).if_match(&held.etag()).await.is(200)
    };
    // The status of June wherever it appears, for a town with a draft and for one without a form.
    let june = async || {
        let month = bureau.get(&format!("/report-months?campaign_id={campaign_id}&month=2020-06")).await.is(200);
        let standings: Vec<_> = month["towns"]
            .as_array()
            .expect("towns")
            .iter()
            .map(|town| (town["standing"].clone(), town["overdue"].clone()))
            .collect();
        let read = town.get(&draft.path()).await.is(200);
        let listed = bureau.get("/reports").await.is(200).items()[0].clone();
        let preflight = town.get(&format!("{}/preflight", draft.path())).await.is(200);
        let dashboard = bureau.get(&format!("/dashboard?campaign_id={campaign_id}")).await.is(200);
        let late = dashboard["reports"]["late_units"].as_array().map(Vec::len);
        let work = app.town_a().get("/work-items").await.is(200);
        let groups = work["groups"].as_array().expect("groups");
        let begin = groups.iter().find(|group| group["kind"] == "begin_reports").expect("a form to begin")["items"][0].clone();
        json!([
            month["due_on"],
            standings,
            read["due_on"],
            read["standing"],
            listed["due_on"],
            listed["overdue"],
            preflight["due_on"],
            preflight["late"],
            late,
            begin["due_on"],
            begin["overdue"]
        ])
    };
    let due = |month: &str| {
        let path = format!("/report-months?campaign_id={campaign_id}&month={month}");
        async move { app.bureau().get(&path).await.is(200)["due_on"].clone() }
    };
    let before = june().await;
    let missing = json!(["missing", true]);
    let day = "2020-07-05";
    assert_eq!(before, json!([day, [missing, missing], day, "missing", day, true, day, true, 2, day, true]));
    let changed = set(json!({ "report_day": 20 })).await;
    let kept = json!([
        { "month": "2020-04", "due_on": "2020-05-05" }, { "month": "2020-05", "due_on": "2020-06-05" },
        { "month": "2020-06", "due_on": day },
    ]);
    assert_eq!((june().await, due("2020-07").await, &changed["due_days"]), (before.clone(), json!("2020-08-20"), &kept));
    // A form sent now is late, and stays late whatever is configured later.
    step(&town, &draft, "submit").await.is(200);
    set(json!({ "report_day": 10, "report_day_inclusive": false, "report_day_rule": "next_weekday" })).await;
    assert_eq!((due("2020-06").await, due("2020-07").await), (json!(day), json!("2020-08-09")));
    assert_eq!(town.get(&draft.path()).await.is(200)["standing"], "late");
    // A month later July is past too, and keeps the rule of its time.
    app.clock.set(noon("2020-08-10"));
    let changed = set(json!({ "report_day": 5 })).await;
    assert_eq!((due("2020-04").await, due("2020-07").await), (json!("2020-05-05"), json!("2020-08-09")));
    assert_eq!((due("2020-08").await, changed["due_days"].as_array().map(Vec::len)), (json!("2020-09-06"), Some(4)));
});

/// Drafts a town's form of April, sends it and accepts it.
async fn close_april(app: &TestApp, pairing: &Answer) -> Answer {
    let april = app.town_a().post("/reports", with(form(pairing, TOWN_A), "/month", json!("2020-04"))).await.is(201);
    step(&app.town_a(), &april, "submit").await.is(200);
    step(&app.bureau(), &april, "accept").await.is(200);
    april
}

/// The day of the latest status of a family, and the month of the ledger that counts it, if that is another one.
async fn latest(app: &TestApp, family: &Answer) -> (Value, Value) {
    let statuses = app.town_a().get(&format!("{}/statuses", family.path())).await.is(200);
    (statuses.body[0]["since"].clone(), statuses.body[0]["counted_in"].clone())
}

both_databases!(the_ledger_of_a_closed_month_stays_and_what_is_entered_late_counts_in_the_next_one, async |app| {
    const NEXT: &str = "350582104205";
    const FIGURES: [&str; 8] = ["opening", "registered", "moved_in", "relapsed", "lifted_out", "moved_out", "left", "closing"];
    let (village, town, bureau) = (app.village_a(), app.town_a(), app.bureau());
    let pairing = app.active(campaign(), "2020-04-18").await;
    let mut families = Vec::new();
    for order in [1, 3, 5, 7, 9] {
        let family = with(household(VILLAGE_A, order), "/not_a_double", json!(true));
        families.push(village.post("/households", family).await.is(201));
    }
    let [rises, leaves, moves, splits, slip] = &families[..] else { unreachable!() };
    village.post(&format!("{}/assist", rises.path()), json!({})).await.is(200);
    let ledger = async |area: &str, month: &str| figures(&bureau, area, month, &FIGURES).await;
    app.clock.set(noon("2020-05-06"));
    let april = close_april(app, &pairing).await;
    let before = [ledger(VILLAGE_A, "2020-04").await, ledger(TOWN_A, "2020-04").await, ledger(COUNTY, "2020-04").await];
    assert_eq!(before[0], [0, 5, 0, 0, 0, 0, 0, 5]);

    // What happened in April is known in May. It keeps its day, and counts in May.
    let stepped = |family: &Answer, action: &str, since: &str| {
        let reason = if action == "leave" { json!("died") } else { Value::Null };
        let body = with(json!({ "note": "村里已核实", "since": since }), "/leave_reason", reason);
        town.post(&format!("{}/{action}", family.path()), body)
    };
    stepped(rises, "lift_out", "2020-04-28").await.is(200);
    assert_eq!(latest(app, rises).await, (json!("2020-04-28"), json!("2020-05")));
    stepped(leaves, "leave", "2020-04-29").await.is(200);
    let moving =
        json!({ "village_code": VILLAGE_B, "moved_on": "2020-04-30", "note": "随子女迁居，已核实", "not_a_double": true });
    let moved = bureau.post(&format!("{}/move", moves.path()), moving).await.is(200);
    let child = json!({ "id": splits["members"][1]["id"], "relation": "head" });
    let splitting = json!({ "members": [child], "split_on": "2020-04-30", "note": "长女成家，已另立户口", "not_a_double": true });
    let founded = town.post(&format!("{}/split", splits.path()), splitting).await.is(200);
    assert_eq!(founded["registered_on"], "2020-04-30");
    let late = with(household(VILLAGE_A, 11), "/not_a_double", json!(true));
    let late = village.post("/households", with(late, "/registered_on", json!("2020-03-02"))).await.is(201);
    assert_eq!(latest(app, &late).await, (json!("2020-03-02"), json!("2020-05")));
    let after = [ledger(VILLAGE_A, "2020-04").await, ledger(TOWN_A, "2020-04").await, ledger(COUNTY, "2020-04").await];
    assert_eq!(after, before, "April is closed");
    assert_eq!(ledger(VILLAGE_A, "2020-03").await, [0; 8]);
    assert_eq!(ledger(VILLAGE_A, "2020-05").await, [5, 2, 0, 0, 1, 1, 1, 4]);
    // Of a move both towns count the same month, though that of the other town is open.
    assert_eq!(ledger(VILLAGE_B, "2020-04").await, [0; 8]);
    assert_eq!(ledger(VILLAGE_B, "2020-05").await, [0, 0, 1, 0, 0, 0, 0, 1]);
    assert_eq!(ledger(COUNTY, "2020-05").await, [5, 2, 1, 0, 1, 1, 1, 5]);
    let there = app.as_(Who::VillageB).get(&format!("/households/{}/statuses", moved.id())).await.is(200);
    assert_eq!((&there.body[0]["since"], &there.body[0]["counted_in"]), (&json!("2020-04-30"), &json!("2020-05")));

    // A slip in the day is mended, and changes no closed month. What April has counted in a village stays there.
    let redated = json!({ "registered_on": "2020-03-15" });
    let now = village.patch(&slip.path(), redated).if_match(&slip.etag()).await.is(200);
    town.patch(&slip.path(), json!({ "village_code": NEXT })).if_match(&now.etag()).await.fault("/village_code", "file_in_use");
    assert_eq!(ledger(VILLAGE_A, "2020-04").await, before[0]);

    // The bureau opens April again, and what happened then counts there.
    step(&bureau, &april, "reopen").await.is(200);
    stepped(splits, "leave", "2020-04-30").await.is(200);
    assert_eq!(latest(app, splits).await, (json!("2020-04-30"), Value::Null));
    assert_eq!(ledger(VILLAGE_A, "2020-04").await, [0, 5, 0, 0, 0, 0, 1, 4]);
    assert_eq!(ledger(VILLAGE_A, "2020-05").await, [4, 2, 0, 0, 1, 1, 1, 3]);
    // What has counted in May is followed by nothing that counts before it.
    stepped(rises, "relapse", "2020-04-30").await.is(200);
    assert_eq!(latest(app, rises).await, (json!("2020-04-30"), json!("2020-05")));
    assert_eq!(ledger(VILLAGE_A, "2020-04").await, [0, 5, 0, 0, 0, 0, 1, 4]);
});
