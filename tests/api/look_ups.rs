//! A number finds a person only where the caller may look. Answers that have to reveal more are limited in number.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use contract::Role;
use futures_util::future::join_all;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::household_imports::{families, import};
use crate::both_databases;
use crate::support::*;

/// A person's number, by order of birth.
fn number(order: u32) -> String {
    identity_number("19650312", order)
}

/// A workbook of households in this village with these members.
fn book(village: &str, category: &str, numbers: &[String]) -> Vec<u8> {
    let households: Vec<_> = numbers.chunks(20).enumerate().map(|(index, _)| index.to_string()).collect();
    let households: Vec<_> =
        households.iter().map(|index| [index.as_str(), village, "2020-04-16", category, "因病", "", "", "某处"]).collect();
    let keys: Vec<_> = (0..numbers.len()).map(|index| (index / 20).to_string()).collect();
    let members = keys.iter().zip(numbers).enumerate().map(|(index, (key, number))| {
        let relation = if index % 20 == 0 { "户主" } else { "子女" };
        [key.as_str(), "许建业", relation, number.as_str(), "健康", "", "", "小学", "普通劳动力"]
    });
    let members: Vec<_> = members.collect();
    let households: Vec<&[&str]> = households.iter().map(|row| &row[..]).collect();
    let members: Vec<&[&str]> = members.iter().map(|row| &row[..]).collect();
    families(&households, &members)
}

/// Numbers of persons whom nobody knows.
fn crowd(count: u32) -> Vec<String> {
    (0..count).map(|order| identity_number("19700101", order)).collect()
}

/// A way to ask, the answer's status and body, and the statements that it caused.
type Said = (&'static str, u16, Value, Vec<String>);

/// An answer without the values that differ with every request.
fn said(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(problem) = body.as_object_mut() {
        problem.remove("request_id");
    }
    (answer.status, body)
}

both_databases!(a_number_that_is_elsewhere_is_answered_like_one_that_is_nowhere, async |app| {
    let next_door = app.joined("NextDoor", Role::Village, OTHER_VILLAGE, None).await;
    let in_town = app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    let in_county = next_door.post("/households", household(OTHER_VILLAGE, 3)).await.is(201);
    let mine = app.village_a().post("/households", household(VILLAGE_A, 7)).await.is(201);
    let nobody = "0190a000-0000-7000-8000-000000000000".to_owned();
    let (mine_path, mine_tag) = (mine.path(), mine.etag());

    // Each way to ask about a number. A request outside the caller's area, or with another fault, reveals nothing.
    let upload = |client: &Client, path: &str, bytes: Vec<u8>| client.upload(path, &[], ("帮扶户.xlsx", XLSX, &bytes));
    let with_number = |body: Value, number: &str| with(body, "/members/0/identity_number", json!(number));
    let doors = |client: &Client, number: &str| -> Vec<(&'static str, Call)> {
        let one = [number.to_owned()];
        let file = |village: &str| with_number(household(village, 9), number);
        let changed = json!({ "members": file(VILLAGE_A)["members"] });
        vec![
            ("search", client.post("/households/search", json!({ "identity_number": number }))),
            ("list", client.get(&format!("/households?q={number}"))),
            ("dry run", upload(client, "/households/import?dry_run=true", book(VILLAGE_A, "低保", &one))),
            ("dry run in another town", upload(client, "/households/import?dry_run=true", book(VILLAGE_B, "低保", &one))),
            ("dry run in another county", upload(client, "/households/import?dry_run=true", book(OTHER_VILLAGE, "低保", &one))),
            ("import with a fault", upload(client, "/households/import", book(VILLAGE_A, "没有", &one))),
            ("import in another town", upload(client, "/households/import", book(VILLAGE_B, "低保", &one))),
            ("import in another county", upload(client, "/households/import", book(OTHER_VILLAGE, "低保", &one))),
            ("file with a fault", client.post("/households", with(file(VILLAGE_A), "/registered_on", json!("2020-04-21")))),
            ("file in another county", client.post("/households", file(OTHER_VILLAGE))),
            ("change with a fault", client.patch(&mine_path, with(changed.clone(), "/phone", json!("1"))).if_match(&mine_tag)),
            ("old change", client.patch(&mine_path, changed.clone()).if_match("\"9\"")),
            ("change of a file in another county", client.patch(&in_county.path(), changed.clone()).if_match("\"1\"")),
        ]
    };
    let mut tried = 0;
    for who in [Who::VillageA, Who::TownA, Who::Bureau, Who::OrganisationA, Who::LeadingGroup, Who::Auditor, Who::Admin] {
        let client = app.as_(who);
        // Ask twice about a number that exists nowhere, because the first answer may differ for unrelated reasons.
        let mut answers: Vec<Vec<Said>> = Vec::new();
        let other_town = (who != Who::Bureau).then_some(1);
        for order in [Some(5), Some(11), other_town, Some(3)].into_iter().flatten() {
            let number = number(order);
            let mut told = Vec::new();
            for (door, call) in doors(&client, &number) {
                app.statements.take();
                let (status, body) = said(&call.await);
                // The session may be looked up while the body is still being read.
                let asked = app.statements.take().into_iter().map(|statement| statement.sql);
                let asked = asked.filter(|sql| !sql.contains("\"sessions\""));
                // A forbidden request leaves an event now and then, whomever it is about.
                let statements = if status == 403 { Vec::new() } else { asked.collect() };
                told.push((door, status, serde_json::from_str(&body.to_string().replace(&number, "*")).unwrap(), statements));
            }
            answers.push(told);
        }
        for other in &answers[2..] {
            for (nowhere, elsewhere) in answers[1].iter().zip(other) {
                assert_eq!(nowhere, elsewhere, "{who:?}");
                assert!(who == Who::VillageA || who == Who::TownA || nowhere.0 != "dry run" || nowhere.1 == 403);
                tried += 1;
            }
        }
    }
    assert!(tried >= 13 * 12, "{tried}");
    // Nor do answers distinguish a file elsewhere from one that does not exist.
    for client in [app.village_a(), app.town_a()] {
        let into = async |other: &str, path: &str| {
            let head = json!({ "id": mine["members"][0]["id"], "relation": "head" });
            let merging = json!({ "other_id": other, "other_version": 1, "members": [head], "note": "入户核实为同一户" });
            let (status, body) = said(&client.post(&format!("{path}/merge"), merging).await);
            (status, body["code"].clone(), body["errors"].clone())
        };
        for elsewhere in [&in_town, &in_county] {
            assert_eq!(into(&elsewhere.id(), &mine_path).await, into(&nobody, &mine_path).await);
            assert_eq!(into(&mine.id(), &elsewhere.path()).await, into(&mine.id(), &format!("/households/{nobody}")).await);
        }
    }
});

both_databases!(who_would_write_somebody_down_is_told_that_they_are_known_and_not_where, async |app| {
    let next_door = app.joined("NextDoor", Role::Village, OTHER_VILLAGE, None).await;
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    next_door.post("/households", household(OTHER_VILLAGE, 3)).await.is(201);
    let mine = app.village_a().post("/households", household(VILLAGE_A, 7)).await.is(201);
    let village = app.village_a();
    for order in [1, 3] {
        let file = household(VILLAGE_A, order);
        let created = village.post("/households", file.clone()).await;
        let members = json!({ "members": file["members"] });
        let changed = village.patch(&mine.path(), members).if_match(&mine.etag()).await;
        let imported = import(&village, "/households/import", &book(VILLAGE_A, "低保", &[number(order), number(9)])).await;
        for (told, pointer) in [
            (created, "/members/0/identity_number"),
            (changed, "/members/0/identity_number"),
            (imported, "/household_members/2/identity_number"),
        ] {
            for place in [TOWN_B, OTHER_COUNTY, "0001"] {
                assert!(!told.body.to_string().contains(place), "{}", told.body);
            }
            assert_eq!(told["errors"].as_array().map(Vec::len), Some(if pointer.starts_with("/m") { 2 } else { 1 }));
            told.fault(pointer, "known_elsewhere");
        }
    }
    let trail = app.as_(Who::Auditor).get("/audit-events?object_type=households&outcome=refused").await.is(200);
    let counted =
        trail.items().iter().filter(|entry| entry["changes"][0]["field"] == "looked_up" && entry["changes"][0]["to"] == 2);
    assert_eq!((trail["total"].as_u64(), counted.count()), (Some(6), 6), "{}", trail.body);
});

both_databases!(a_day_s_look_ups_are_limited_however_many_ask_at_once, async |app| {
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    app.village_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    let village = app.village_a();
    let dry =
        async |numbers: &[String]| import(&village, "/households/import?dry_run=true", &book(VILLAGE_A, "低保", numbers)).await;
    let compared = dry(&[crowd(4_987), vec![number(3)]].concat()).await.is(200);
    assert_eq!((&compared["errors"][0]["code"], &compared["persons_unchecked"]), (&json!("known_elsewhere"), &Value::Null));
    // This is more than the day's remainder, so only the workbook itself is checked.
    let unchecked = dry(&[crowd(10), vec![number(3)]].concat()).await.is(200);
    assert_eq!((&unchecked["errors_total"], &unchecked["persons_unchecked"]), (&json!(0), &json!(true)));
    let calls = (0..12).map(|_| village.post("/households", household(VILLAGE_A, 1)).into_future());
    let mut statuses: Vec<_> = join_all(calls).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[422; 4].as_slice(), &[429; 8]].concat(), "nine are left, and each asks for two");
    // From then on known and unknown persons get the same answer.
    for order in [1, 5] {
        village.post("/households", household(VILLAGE_A, order)).await.refused(TooManyRequests);
        import(&village, "/households/import", &book(VILLAGE_A, "低保", &[number(order), number(9)]))
            .await
            .refused(TooManyRequests);
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 2);
    // Others are not affected, and the next day this account may ask again.
    app.town_a().post("/households", household(VILLAGE_A, 7)).await.is(201);
    app.clock.set(noon("2020-04-22"));
    village.post("/households", household(VILLAGE_A, 5)).await.is(201);
});

both_databases!(whoever_is_entered_and_taken_out_again_is_counted, async |app| {
    let village = app.village_a();
    let mut file = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let spent = import(&village, "/households/import?dry_run=true", &book(VILLAGE_A, "低保", &crowd(4_970))).await.is(200);
    assert_eq!(spent["errors_total"], 0);
    // Nobody knows any of these persons, but each change asks about new ones.
    let family = household(VILLAGE_A, 3);
    let head = with(family["members"][0].clone(), "/id", file["members"][0]["id"].clone());
    let mut statuses = Vec::new();
    for born in ["20120701", "20120801", "20120901"] {
        let child = |order| with(family["members"][1].clone(), "/identity_number", json!(identity_number(born, order)));
        let members: Vec<_> = std::iter::once(head.clone()).chain((0..12).map(child)).collect();
        let changed = village.patch(&file.path(), json!({ "members": members })).if_match(&file.etag()).await;
        statuses.push(changed.status);
        if changed.status == 200 {
            file = changed;
        }
    }
    assert_eq!(statuses, [200, 200, 429]);
});

both_databases!(a_large_import_is_written_or_refused_as_a_whole_without_saying_who, async |app| {
    app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 1)).await.is(201);
    let town = app.town_a();
    let known = book(VILLAGE_A, "低保", &[crowd(5_000), vec![number(1)]].concat());
    let tried = import(&town, "/households/import?dry_run=true", &known).await.is(200);
    assert_eq!((&tried["errors_total"], &tried["persons_unchecked"]), (&json!(0), &json!(true)));
    let refused = import(&town, "/households/import", &known).await.fault("/file", "known_elsewhere_untold");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 1);
    // The answer that somebody is known is limited to a few a day.
    let trail = app.as_(Who::Auditor).get("/audit-events?action=check_import&outcome=refused").await.is(200);
    assert_eq!(trail.items()[0]["changes"][0]["to"], 200);
    let done = import(&town, "/households/import", &book(VILLAGE_A, "低保", &crowd(5_001))).await.is(200);
    assert_eq!(done["created"], 251);
    let next = import(&town, "/households/import", &book(VILLAGE_A, "低保", &[number(9), number(1)])).await;
    next.fault("/household_members/3/identity_number", "known_elsewhere");
});
