//! What the ledger shows to those who see households in aggregate only: no combination of questions, for whichever months, lets
//! them compute a small number.

mod figures;

use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use serde_json::{Value, json};

use super::Domain;
use super::authorization::op;
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("read_household_ledger").query(|_| "month=2020-04".to_owned()),
        op("export_household_ledger").query(|_| "month=2020-04".to_owned()),
    ],
    pages: &[("bureau", "/household-ledger"), ("leader", "/household-ledger")],
    ..Domain::EMPTY
};

#[path = "../../../backend/domains/src/views/ledger/suppression/recovery.rs"]
mod recovery;

use recovery::{FIGURES, Reckoning, ledger};

const MONTHS: [&str; 3] = ["2020-02", "2020-03", "2020-04"];

/// The cells of an answer by area, month and figure.
fn cells(answer: &Answer) -> Vec<(String, Option<i64>)> {
    let rows = ["areas", "trend"].iter().filter_map(|rows| answer[*rows].as_array()).flatten().chain([&answer["total"]]);
    let row = |row: &Value| {
        let (area, month) =
            (row["area_code"].as_str().expect("a code").to_owned(), row["month"].as_str().expect("a month").to_owned());
        let cells = row["cells"].as_array().cloned().unwrap_or_default();
        cells
            .into_iter()
            .map(move |cell| (format!("{area} {month} {}", cell["figure"].as_str().expect("a figure")), cell["value"].as_i64()))
    };
    rows.flat_map(row).collect()
}

/// The same cells from both sheets of a workbook.
fn cells_of_workbook(answer: &Answer) -> Vec<(String, Option<i64>)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).expect("a workbook");
    let mut found = Vec::new();
    for (_, sheet) in book.worksheets() {
        for row in sheet.rows().skip(1) {
            let place = format!("{} {}", row[1], row[0]);
            for (figure, cell) in FIGURES.iter().zip(&row[3..]) {
                found.push((format!("{place} {figure}"), cell.to_string().parse().ok()));
            }
        }
    }
    found
}

/// Registers a number of families of a village on a day.
async fn register(app: &TestApp, village: &str, families: u32, order: &mut u32, day: &str) -> Vec<String> {
    let client = if village.starts_with(TOWN_A) { app.town_a() } else { app.town_b() };
    let mut made = Vec::new();
    for _ in 0..families {
        *order += 1;
        let file = with(with(household(village, *order), "/registered_on", json!(day)), "/consent/given_on", json!(day));
        made.push(client.post("/households", file).await.is(201).path());
    }
    made
}

both_databases!(whoever_sees_households_in_aggregate_sees_no_pairing_with_one, async |app| {
    let (_, pairing) = app.helped(campaign(), 1).await;
    for (who, seen) in
        [(Who::Bureau, true), (Who::TownA, true), (Who::Auditor, true), (Who::LeadingGroup, false), (Who::Cadre, false)]
    {
        let list = app.as_(who).get("/pairings").await.is(200);
        assert_eq!(list.items().iter().any(|item| item["id"] == pairing["id"]), seen, "{who:?}");
        assert_eq!(app.as_(who).get(&pairing.path()).await.status, if seen { 200 } else { 404 }, "{who:?}");
    }
});

both_databases!(all_that_the_leading_group_is_told_tells_of_nobody_who_is_one_of_a_few, async |app| {
    let villages = async |town: &str| {
        let found = app.bureau().walk(&format!("/areas?parent_code={town}"), 100).await;
        found
            .iter()
            .filter(|area| area["takes_part"] == true)
            .map(|area| area["code"].as_str().expect("a code").to_owned())
            .collect::<Vec<_>>()
    };
    let (first, second) = (villages(TOWN_A).await, villages(TOWN_B).await);
    // One town has 27 families: 6, 7, 5, 7, and 2 that must be suppressed.
    app.clock.set(noon("2020-02-20"));
    let mut order = 10;
    for (village, families) in first.iter().zip([6, 7, 5, 7, 2]).chain(second.iter().zip([9, 3, 0, 11])) {
        register(app, village, families, &mut order, "2020-02-10").await;
    }
    app.clock.set(noon("2020-03-20"));
    let newer = register(app, &first[1], 6, &mut order, "2020-03-10").await;
    register(app, &second[1], 1, &mut order, "2020-03-11").await;
    app.clock.set(noon("2020-04-20"));
    register(app, &second[0], 5, &mut order, "2020-04-02").await;
    for path in &newer[..3] {
        app.town_a().post(&format!("{path}/assist"), json!({})).await.is(200);
        app.town_a().post(&format!("{path}/lift_out"), json!({ "note": "入户核查" })).await.is(200);
    }

    let all: Vec<String> = [COUNTY, TOWN_A, TOWN_B].map(str::to_owned).into_iter().chain(first).chain(second).collect();
    let leader = app.as_(Who::LeadingGroup);
    let (mut told, mut real) = (HashMap::<String, Option<i64>>::new(), HashMap::<String, i64>::new());
    for month in MONTHS {
        for (place, area) in all.iter().enumerate() {
            let asked = format!("?month={month}&within={area}");
            let mut answers = vec![cells(&leader.get(&format!("/household-ledger{asked}")).await.is(200))];
            // Workbooks of villages are made like those of towns, so a few areas suffice.
            if place < 5 {
                answers.push(cells_of_workbook(&leader.get(&format!("/household-ledger/workbook{asked}")).await.is(200)));
            }
            for (name, value) in answers.into_iter().flatten() {
                let before = told.insert(name.clone(), value).unwrap_or(value);
                assert_eq!(before, value, "{name} as {asked} tells it");
            }
            let answer = app.bureau().get(&format!("/household-ledger{asked}")).await.is(200);
            real.extend(cells(&answer).into_iter().map(|(name, value)| (name, value.expect("a number"))));
        }
    }

    let mut reckoning = Reckoning::default();
    // All areas that occur in the answers.
    let codes: BTreeSet<&str> = told.keys().filter_map(|name| name.split(' ').next()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    ledger(&mut reckoning, &codes, &MONTHS.map(str::to_owned));
    for (name, value) in &told {
        // The bureau's answer has no row for an area without households.
        let real = real.get(name).copied().unwrap_or(0);
        if let Some(value) = value {
            assert!(*value >= 5 && *value == real, "{name} is {real} and told as {value}");
            reckoning.know(name, *value);
        }
    }
    let small = |name: &str| !name.contains(" not ") && real.get(name).copied().unwrap_or(0) < 5;
    let follows: Vec<_> = reckoning.follows().into_iter().filter(|name| small(name)).collect();
    assert!(follows.is_empty(), "these can be reckoned: {follows:?}");
    // Harmless figures are shown.
    let told_of = |name: String| told[&name];
    assert_eq!(told_of(format!("{TOWN_A} 2020-02 closing")), Some(27));
    assert_eq!(told_of(format!("{} 2020-02 closing", all[3])), Some(6));
    assert_eq!(told_of(format!("{COUNTY} 2020-02 registered")), Some(50));
    assert_eq!(told_of(format!("{} 2020-02 closing", all[7])), None, "two families");
    // Every area has a row, so its absence does not reveal that nobody there is in difficulty.
    let answer = leader.get(&format!("/household-ledger?month=2020-04&within={TOWN_A}")).await.is(200);
    assert_eq!(
        answer["areas"].as_array().map(Vec::len),
        Some(app.bureau().walk(&format!("/areas?parent_code={TOWN_A}"), 100).await.len())
    );
});

both_databases!(what_was_given_to_a_few_families_is_in_no_total_of_the_leading_group, async |app| {
    let village = app.active(campaign(), "2020-04-18").await;
    let campaign_id = village["campaign_id"].as_str().expect("an id");
    let give = async |order: u32, body: Value| {
        let family = app.village_a().post("/households", household(VILLAGE_A, order)).await.is(201);
        app.helps(campaign_id, &family.id()).await;
        let record =
            app.organisation_a().post("/assistance-records", with(body, "/household_id", json!(family.id()))).await.is(201);
        app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
        family
    };
    let told = async |client: &Client, within: &str| {
        let mut actual = Vec::new();
        for path in ["/dashboard", "/outcomes/totals"] {
            let answer = client.get(&format!("{path}?campaign_id={campaign_id}{within}")).await.is(200);
            let figures = answer.body.as_array().or(answer["indicators"].as_array()).cloned().expect("figures");
            let found = figures.iter().find(|figure| figure["indicator"] == "household_aid_fen");
            actual.push(found.map_or(0, |figure| figure["actual"].as_i64().expect("fen")));
        }
        assert_eq!(actual[0], actual[1], "{within}");
        actual[0]
    };
    let leader = app.as_(Who::LeadingGroup);
    let parts = ["", "&within=350582", "&within=350582104", "&within=350582104206"];
    let first = give(1, gift("")).await;
    // One family helped four times is still one family.
    for _ in 0..4 {
        let again = with(gift(&first.id()), "/not_a_double", json!(true));
        let record = app.organisation_a().post("/assistance-records", again).await.is(201);
        app.village_a().post(&format!("{}/confirm", record.path()), json!({ "not_a_double": true })).await.is(200);
    }
    for order in [3, 5, 7] {
        give(order, gift("")).await;
    }
    for within in parts {
        assert_eq!((told(&leader, within).await, told(&app.bureau(), within).await), (0, 1_600_000), "{within}");
    }
    // A fifth family gets rice, and then money. With that, the total of all five appears.
    let fifth = give(9, with(gift(""), "/amount_fen", Value::Null)).await;
    assert_eq!(told(&leader, "").await, 0);
    let record = app.organisation_a().post("/assistance-records", gift(&fifth.id())).await.is(201);
    app.village_a().post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    let all = [1_800_000, 1_800_000, 0, 0];
    for (within, expected) in parts.into_iter().zip(all) {
        assert_eq!((told(&leader, within).await, told(&app.bureau(), within).await), (expected, 1_800_000), "{within}");
    }
});
