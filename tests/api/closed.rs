//! What is signed, sent or past keeps its contents, whatever is renamed, cancelled or reconfigured later.

use std::io::{Cursor, Read};

use serde_json::{Value, json};

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
    set(json!({ "report_day": 10, "report_day_inclusive": false, "report_day_skips_weekend": true })).await;
    assert_eq!((due("2020-06").await, due("2020-07").await), (json!(day), json!("2020-08-09")));
    assert_eq!(town.get(&draft.path()).await.is(200)["standing"], "late");
    // A month later July is past too, and keeps the rule of its time.
    app.clock.set(noon("2020-08-10"));
    let changed = set(json!({ "report_day": 5 })).await;
    assert_eq!((due("2020-04").await, due("2020-07").await), (json!("2020-05-05"), json!("2020-08-09")));
    assert_eq!((due("2020-08").await, changed["due_days"].as_array().map(Vec::len)), (json!("2020-09-06"), Some(4)));
});
