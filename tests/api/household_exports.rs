//! Full exports of household files: few may make them, for a purpose, with no more data than the purpose needs.

use std::future::IntoFuture;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

const EXPORT: &str = "/households/export";

fn why() -> Value {
    json!({ "purpose": "payment", "note": "春节慰问金" })
}

fn sheet(answer: &Answer, name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    book.worksheet_range(name).expect("the sheet")
}

/// The cells of the rows below the header, as pairs of heading and text.
fn rows(answer: &Answer, name: &str) -> Vec<Vec<(String, String)>> {
    let sheet = sheet(answer, name);
    let heads: Vec<_> = sheet.rows().next().expect("a head").iter().map(ToString::to_string).collect();
    let row = |cells: &[Data]| heads.iter().cloned().zip(cells.iter().map(ToString::to_string)).collect();
    sheet.rows().skip(1).map(row).collect()
}

fn cell<'a>(row: &'a [(String, String)], head: &str) -> &'a str {
    row.iter().find(|(name, _)| name == head).map(|(_, cell)| &**cell).unwrap_or_else(|| panic!("no {head} in {row:?}"))
}

both_databases!(files_are_taken_in_full_for_a_purpose_and_without_consent_masked, async |app| {
    let village = app.village_a();
    village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    village.post("/households", with(household(VILLAGE_A, 3), "/consent", Value::Null)).await.is(201);
    let third = village.post("/households", household(VILLAGE_A, 5)).await.is(201);
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    village.patch(&third.path(), withdrawn).if_match(&third.etag()).await.is(200);
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 7)).await.is(201);

    app.bureau().post(EXPORT, json!({})).await.fault("/purpose", "required");
    app.bureau().post(EXPORT, json!({ "purpose": "payment", "note": "许清水" })).await.fault("/note", "personal_data");
    for nobody in [Who::VillageA, Who::OrganisationA, Who::LeadingGroup, Who::Cadre, Who::Auditor, Who::Admin] {
        app.as_(nobody).post(EXPORT, why()).await.refused(Forbidden);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events WHERE action = 'export_personal'").await, 0);

    let taken = app.bureau().post(&format!("{EXPORT}?within={TOWN_A}&sort=file_number"), why()).await.is(200);
    assert_eq!(taken.header("cache-control"), Some("no-store"));
    let families = rows(&taken, "帮扶户");
    assert_eq!(families.len(), 3);
    let shown =
        |row: &[(String, String)]| ["户主", "地址", "联系电话", "银行账号", "已知情同意"].map(|head| cell(row, head).to_owned());
    assert_eq!(shown(&families[0]), ["许清水", "永湖村新厝角落12号", "13805950137", "6217001850012345678", "是"]);
    for masked in &families[1..] {
        assert_eq!(shown(masked), ["许**", "", "138****0137", "***************5678", "否"]);
    }
    let people = rows(&taken, "家庭成员");
    assert_eq!(people.len(), 6);
    let told = |row: &[(String, String)]| ["姓名", "身份证号", "出生日期"].map(|head| cell(row, head).to_owned());
    // A workbook stores a date as a number of days.
    assert_eq!(told(&people[0]), ["许清水".to_owned(), identity_number("19650312", 1), "23813".to_owned()]);
    assert_eq!(told(&people[1]), ["许**", "", ""], "a child under 14");
    let [name, number, born] = told(&people[2]);
    assert!(name == "许**" && number.starts_with("350582********") && born.is_empty(), "{name} {number} {born}");
    assert_eq!(cell(&people[0], "户编号"), format!("{VILLAGE_A}-0001"));

    let own = app.town_b().post(EXPORT, why()).await.is(200);
    assert_eq!(rows(&own, "帮扶户").len(), 1, "of one's own area");

    let trail = app.as_(Who::Auditor).get("/audit-events?action=export_personal&sort=at").await.is(200);
    let first = &trail.items()[0];
    assert_eq!(
        (&first["actor_role"], &first["note"], &first["object_id"]),
        (&json!("bureau"), &json!("春节慰问金"), &json!("*"))
    );
    let of =
        |field: &str| first["changes"].as_array().unwrap().iter().find(|change| change["field"] == field).unwrap()["to"].clone();
    assert_eq!((of("purpose"), of("rows"), of("masked")), (json!("payment"), json!(3), json!(2)));
    assert_eq!(of("filter")["within"], TOWN_A);
    assert_eq!(secrets::told(&app.bytes_written().await, SECRETS.iter().copied()), [""; 0], "on the disk");

    // The export also works in English. A caller gets ten a day.
    for _ in 0..7 {
        app.bureau().post(EXPORT, why()).header("Accept-Language", "en").await.is(200);
    }
    let bureau = app.bureau();
    let at_once = join_all((0..6).map(|_| bureau.post(EXPORT, why()).into_future())).await;
    assert_eq!(at_once.iter().filter(|answer| answer.status == 200).count(), 2, "two were left of ten");
    let refused = app.bureau().post(EXPORT, why()).await.refused(TooManyRequests);
    assert!(refused.header("retry-after").is_some());
    app.town_a().post(EXPORT, why()).await.is(200);
    app.clock.set(noon("2020-04-21"));
    app.bureau().post(EXPORT, why()).await.is(200);
});

both_databases!(a_child_of_unknown_age_is_masked_as_one_under_fourteen, async |app| {
    let child = |name: &str, schooling: &str, groups: Value| {
        json!({
            "name": name, "relation": "child", "health": "healthy", "schooling": schooling, "labour": "none", "groups": groups,
        })
    };
    let mut body = household(VILLAGE_A, 1);
    let members = body["members"].as_array_mut().expect("members");
    members.truncate(1);
    members.extend([
        child("许小花", "preschool", json!([])),
        child("许小树", "primary", json!(["student"])),
        child("许小草", "none", json!(["left_behind_child"])),
        child("许大山", "senior_secondary", json!([])),
    ]);
    let made = app.village_a().post("/households", body).await.is(201);
    let shown = made["members"].as_array().expect("members");
    let treated: Vec<_> = shown.iter().map(|member| member["under_14"].as_bool().expect("a flag")).collect();
    assert_eq!(treated, [false, true, true, true, false]);
    // An orphan heads a household.
    let mut orphan = household(VILLAGE_A, 3);
    orphan["members"] = json!([with(child("许小石", "primary", json!(["student"])), "/relation", json!("head"))]);
    orphan["consent"]["given_by"] = json!("许大伯");
    app.village_a().post("/households", orphan).await.is(201);

    let taken = app.bureau().post(&format!("{EXPORT}?sort=file_number"), why()).await.is(200);
    let names: Vec<_> = rows(&taken, "家庭成员").iter().map(|row| cell(row, "姓名").to_owned()).collect();
    assert_eq!(names, ["许清水", "许**", "许**", "许**", "许大山", "许**"]);
    let heads: Vec<_> = rows(&taken, "帮扶户").iter().map(|row| cell(row, "户主").to_owned()).collect();
    assert_eq!(heads, ["许清水", "许**"]);
});
