//! Likely duplicates are shown before an entry is saved, and when it is confirmed.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::household_imports::{families, import};
use super::races::at_once;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// The likely duplicates that a refusal names.
fn named(refused: &Answer) -> Vec<&str> {
    refused["likely_doubles"].as_array().expect("doubles").iter().map(|one| one["path"].as_str().expect("a path")).collect()
}

fn insisting(body: Value) -> Value {
    with(body, "/not_a_double", json!(true))
}

both_databases!(the_same_gift_of_organisation_and_village_is_looked_at_before_it_counts_twice, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let (village, town, organisation) = (app.village_a(), app.town_a(), app.organisation_a());
    let gift = gift(&family.id());
    let first = organisation.post("/assistance-records", gift.clone()).await.is(201);
    for client in [&village, &town, &organisation] {
        let refused = client.post("/assistance-records", gift.clone()).await.refused(LikelyDouble);
        assert_eq!(named(&refused), [first.path()]);
        assert_eq!(refused["likely_doubles"][0]["name"], "2020-04-20 · 2000.00 · 晋江市慈善总会");
    }
    let near = with(gift.clone(), "/happened_on", json!("2020-04-17"));
    village.post("/assistance-records", near.clone()).await.refused(LikelyDouble);
    // A different day, amount or kind of help makes it a different gift.
    let far = with(gift.clone(), "/happened_on", json!("2020-04-16"));
    for (at, other) in [("", far), ("/amount_fen", json!(200_001)), ("/kind", json!("schooling"))] {
        let other = if at.is_empty() { other } else { with(gift.clone(), at, other) };
        let made = village.post("/assistance-records", other).await.is(201);
        village.post(&format!("{}/reject", made.path()), json!({ "note": "试录" })).await.is(200);
    }
    let second = village.post("/assistance-records", insisting(gift.clone())).await.is(201);

    // Whoever confirms sees the other record. Once one of the two is gone, the question does not come again.
    let confirm = async |record: &Answer, body: Value| village.post(&format!("{}/confirm", record.path()), body).await;
    assert_eq!(named(&confirm(&first, json!({})).await.refused(LikelyDouble)), [second.path()]);
    assert_eq!(named(&confirm(&second, json!({})).await.refused(LikelyDouble)), [first.path()]);
    confirm(&first, json!({ "not_a_double": true })).await.is(200);
    let history = village.get(&format!("{}/history", first.path())).await.is(200);
    assert!(history.items()[0]["changes"].to_string().contains("not_a_double"), "who has said so stands in the history");
    village.post(&format!("{}/reject", second.path()), json!({ "note": "与社会组织登记的为同一笔" })).await.is(200);

    // A correction resembles the record that it corrects, and is no duplicate of it.
    let correction = with(gift, "/corrects_id", json!(first.id()));
    let correction = organisation.post("/assistance-records", correction).await.is(201);
    confirm(&correction, json!({})).await.is(200);
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let totals = app.bureau().get(&format!("/outcomes/totals?campaign_id={campaign_id}")).await.is(200);
    let totals = totals.body.as_array().expect("totals").clone();
    let given = totals.iter().find(|one| one["indicator"] == "household_aid_fen").expect("what was given");
    assert_eq!(given["actual"], 200_000);
});

both_databases!(an_organisation_is_not_told_what_others_gave_and_the_village_is_asked, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let village = app.village_a();
    let own = village.post("/assistance-records", gift(&family.id())).await.is(201);
    let made = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let refused = village.post(&format!("{}/confirm", made.path()), json!({})).await.refused(LikelyDouble);
    assert_eq!(named(&refused), [own.path()]);
});

both_databases!(of_those_who_record_the_same_at_once_one_does, async |app| {
    let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let clients = [app.village_a(), app.town_a()];
    let (won, lost) = at_once((0..8).map(|n| clients[n % 2].post("/assistance-records", gift(&family.id())))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| assert_eq!(named(&answer.refused(LikelyDouble)), [won[0].path()]));
});

/// A family without identity numbers.
fn unnumbered(village: &str, head: &str) -> Value {
    let mut family = household(village, 1);
    for member in 0..2 {
        family = with(family, &format!("/members/{member}/identity_number"), Value::Null);
    }
    with(family, "/members/0/name", json!(head))
}

both_databases!(a_family_without_numbers_is_looked_at_before_it_has_a_second_file, async |app| {
    let village = app.village_a();
    let made = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    for (client, head) in [(&village, "许清水"), (&app.town_a(), "许清水"), (&village, "许·清水")] {
        let refused = client.post("/households", unnumbered(VILLAGE_A, head)).await.refused(LikelyDouble);
        assert_eq!(named(&refused), [made.path()]);
        assert_eq!(refused["likely_doubles"][0]["name"], format!("{VILLAGE_A}-0001"));
    }
    // A family with a number may be the same as one without. Two with numbers are two families.
    village.post("/households", household(VILLAGE_A, 1)).await.refused(LikelyDouble);
    let second = village.post("/households", insisting(household(VILLAGE_A, 1))).await.is(201);
    let refused = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.refused(LikelyDouble);
    assert_eq!(refused["likely_doubles"].as_array().map(Vec::len), Some(2));
    let history = village.get(&format!("{}/history", second.path())).await.is(200);
    assert!(history.items()[0]["changes"].to_string().contains("not_a_double"));
    village.post("/households", unnumbered(VILLAGE_A, "许清泉")).await.is(201);
    app.as_(VillageB).post("/households", unnumbered(VILLAGE_B, "许清水")).await.is(201);
    village.post("/households", insisting(household(VILLAGE_A, 2))).await.is(201);
    // A number known elsewhere is a certain answer, so likely duplicates are not mentioned.
    village.post("/households", household(VILLAGE_A, 2)).await.fault("/members/0/identity_number", "known_elsewhere");
});

both_databases!(of_those_who_open_the_same_file_at_once_one_does, async |app| {
    let clients = [app.village_a(), app.town_a()];
    let (won, lost) = at_once((0..8).map(|n| clients[n % 2].post("/households", unnumbered(VILLAGE_A, "许清水")))).await;
    assert_eq!((won.len(), lost.len()), (1, 7));
    lost.into_iter().for_each(|answer| assert_eq!(named(&answer.refused(LikelyDouble)), [won[0].path()]));
});

both_databases!(a_workbook_says_of_which_families_it_is_unsure, async |app| {
    let village = app.village_a();
    village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let row = |reference: &'static str| vec![reference, VILLAGE_A, "2020-04-16", "低保", "因病", "", "", "新厝角落12号"];
    let head =
        |reference: &'static str, name: &'static str| vec![reference, name, "户主", "", "健康", "", "", "小学", "普通劳动力"];
    let households = [row("1"), row("2"), row("3"), row("4")];
    let members = [head("1", "许清水"), head("2", "许阿土"), head("3", "许阿土"), head("4", "许阿水")];
    let unsure = families(&households.each_ref().map(Vec::as_slice), &members.each_ref().map(Vec::as_slice));
    let tried = import(&village, "/households/import?dry_run=true", &unsure).await.is(200);
    let faults: Vec<_> = tried["errors"].as_array().expect("errors").iter().map(|one| (&one["row"], &one["code"])).collect();
    assert_eq!(faults, [(&json!(2), &json!("likely_double")), (&json!(4), &json!("likely_double"))]);
    assert!(tried["errors"][0]["message"].as_str().expect("words").contains(&format!("{VILLAGE_A}-0001")), "{tried:?}");
    import(&village, "/households/import", &unsure).await.fault("/households/2/not_a_double", "likely_double");
    assert_eq!(village.get("/households").await.is(200)["total"], 1);
    // The column of the workbook confirms which rows are not duplicates.
    let sure = |said: &'static str| {
        let header: &[&str] = &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址", "确认不是重复"];
        let rows: Vec<Vec<&str>> =
            ["1", "2", "3", "4"].map(|one| vec![one, VILLAGE_A, "2020-04-16", "低保", "因病", "某处", said]).to_vec();
        let rows: Vec<&[&str]> = [header].into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
        let header: &[&str] = &["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"];
        let heads = [("1", "许清水"), ("2", "许阿土"), ("3", "许阿土"), ("4", "许阿水")];
        let heads: Vec<Vec<&str>> = heads.map(|(one, name)| vec![one, name, "户主", "健康", "小学", "普通劳动力"]).to_vec();
        let heads: Vec<&[&str]> = [header].into_iter().chain(heads.iter().map(Vec::as_slice)).collect();
        workbook(&[("帮扶户", &rows), ("家庭成员", &heads)])
    };
    import(&village, "/households/import", &sure("否")).await.fault("/households/4/not_a_double", "likely_double");
    assert_eq!(import(&village, "/households/import", &sure("是")).await.is(200)["created"], 4);
    assert_eq!(village.get("/households").await.is(200)["total"], 5);
});

/// A family's members as the form edits them.
async fn members(app: &TestApp, family: &Answer) -> Value {
    let file = app.town_a().post(&format!("{}/reveal", family.path()), json!({ "purpose": "edit" })).await.is(200);
    json!({ "members": file["members"] })
}

async fn changed(client: &Client, path: &str, body: Value) -> Answer {
    let etag = client.get(path).await.is(200).etag();
    client.patch(path, body).if_match(&etag).await
}

async fn says_why(client: &Client, path: &str) -> bool {
    let history = client.get(&format!("{path}/history")).await.is(200);
    history.items()[0]["changes"].to_string().contains("not_a_double")
}

both_databases!(a_file_that_becomes_like_another_is_looked_at_as_a_new_one_is, async |app| {
    let (village, town) = (app.village_a(), app.town_a());
    let known = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let other = village.post("/households", unnumbered(VILLAGE_A, "许清泉")).await.is(201);
    let renamed = with(members(app, &other).await, "/members/0/name", json!("许·清水"));
    for client in [&village, &town] {
        let refused = changed(client, &other.path(), renamed.clone()).await.refused(LikelyDouble);
        assert_eq!(named(&refused), [known.path()]);
    }
    // Other changes ask nothing, and neither do those after somebody has said that it is another family.
    changed(&village, &other.path(), insisting(json!({ "address": "永湖村东角落3号" }))).await.is(200);
    assert!(!says_why(&village, &other.path()).await, "there was nothing to say it of");
    changed(&village, &other.path(), insisting(renamed)).await.is(200);
    assert!(says_why(&village, &other.path()).await);
    changed(&village, &other.path(), json!({ "address": "永湖村东角落5号" })).await.is(200);

    // A head without a number from now on may be the same as others without one, but is no double of its own file.
    let numbered = village.post("/households", with(household(VILLAGE_A, 2), "/members/0/name", json!("许阿土"))).await.is(201);
    let bare = with(members(app, &numbered).await, "/members/0/identity_number", Value::Null);
    changed(&village, &numbered.path(), bare.clone()).await.is(200);
    let again = with(bare, "/members/0/identity_number", json!(identity_number("19650312", 2)));
    changed(&village, &numbered.path(), again.clone()).await.is(200);
    let alike = village.post("/households", insisting(unnumbered(VILLAGE_A, "许阿土"))).await.is(201);
    let bare = with(again, "/members/0/identity_number", Value::Null);
    assert_eq!(named(&changed(&village, &numbered.path(), bare).await.refused(LikelyDouble)), [alike.path()]);
});

both_databases!(a_family_is_looked_at_in_the_village_where_it_comes, async |app| {
    /// Another village of the same town.
    const NEXT: &str = "350582104205";
    let (village, town) = (app.village_a(), app.town_a());
    let family = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let there = town.post("/households", unnumbered(NEXT, "许清水")).await.is(201);
    let refused = changed(&town, &family.path(), json!({ "village_code": NEXT })).await.refused(LikelyDouble);
    assert_eq!(named(&refused), [there.path()]);

    let path = format!("{}/move", family.path());
    let moving = json!({ "village_code": NEXT, "moved_on": "2020-04-20", "note": "随子女迁居，已核实" });
    assert_eq!(named(&town.post(&path, moving.clone()).await.refused(LikelyDouble)), [there.path()]);
    assert_eq!(village.get(&family.path()).await.is(200)["status"], "registered", "it is where it was");
    let moved = town.post(&path, insisting(moving)).await.is(200);
    assert!(says_why(&town, &format!("/households/{}", moved.id())).await);
});

/// A member of a file, and what they are to the head of a file.
fn person(file: &Answer, index: usize, relation: &str) -> Value {
    json!({ "id": file["members"][index]["id"], "relation": relation })
}

both_databases!(a_household_that_members_found_is_looked_at_as_a_new_one_is, async |app| {
    let (village, town) = (app.village_a(), app.town_a());
    let family = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let daughter = village.post("/households", unnumbered(VILLAGE_A, "许小荷")).await.is(201);
    let path = format!("{}/split", family.path());
    let splitting = |leaves: Value, stays: Value| json!({ "members": [leaves], "staying": [stays], "split_on": "2020-04-20", "note": "长女成家，已另立户口" });
    let founding = splitting(person(&family, 1, "head"), person(&family, 0, "head"));
    assert_eq!(named(&town.post(&path, founding.clone()).await.refused(LikelyDouble)), [daughter.path()]);
    // Where the head leaves, both have a head whom they had not before. A file resembles itself as little as ever.
    let other = village.post("/households", insisting(unnumbered(VILLAGE_A, "许清水"))).await.is(201);
    let parting = splitting(person(&family, 0, "head"), person(&family, 1, "head"));
    assert_eq!(named(&town.post(&path, parting).await.refused(LikelyDouble)), [daughter.path(), other.path()]);
    assert_eq!(village.get(&family.path()).await.is(200)["member_count"], 2, "nothing has happened");
    let founded = town.post(&path, insisting(founding)).await.is(200);
    assert!(says_why(&village, &format!("/households/{}", founded.id())).await);
    assert!(!says_why(&village, &family.path()).await, "its head is the one whom it had");
});

both_databases!(a_household_that_gets_the_head_of_another_is_looked_at, async |app| {
    const NEXT: &str = "350582104205";
    let (village, town) = (app.village_a(), app.town_a());
    let mother = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let son = town.post("/households", unnumbered(NEXT, "许阿土")).await.is(201);
    let there = town.post("/households", unnumbered(NEXT, "许清水")).await.is(201);
    let joining = |head: [&str; 2]| {
        let people =
            [person(&son, 0, head[0]), person(&son, 1, "child"), person(&mother, 0, head[1]), person(&mother, 1, "child")];
        json!({
            "into_id": son["id"], "into_version": son["version"], "members": people, "joined_on": "2020-04-20",
            "note": "随子女生活，户口已并",
        })
    };
    let path = format!("{}/join", mother.path());
    let as_head = joining(["child", "head"]);
    assert_eq!(named(&town.post(&path, as_head.clone()).await.refused(LikelyDouble)), [there.path()]);
    assert_eq!(village.get(&mother.path()).await.is(200)["status"], "registered", "it is where it was");
    town.post(&path, insisting(as_head)).await.is(200);
    assert!(says_why(&town, &son.path()).await);

    // Where the head stays there is nothing to ask.
    let aunt = town.post("/households", unnumbered(VILLAGE_A, "许阿花")).await.is(201);
    let into = town.get(&there.path()).await.is(200);
    let people = [person(&into, 0, "head"), person(&into, 1, "child"), person(&aunt, 0, "other"), person(&aunt, 1, "other")];
    let joining = json!({
        "into_id": into["id"], "into_version": into["version"], "members": people, "joined_on": "2020-04-20", "note": "户口已并",
    });
    town.post(&format!("{}/join", aunt.path()), insisting(joining)).await.is(200);
    assert!(!says_why(&town, &there.path()).await, "there was nothing to say it of");
});

both_databases!(files_that_become_one_with_another_head_are_looked_at, async |app| {
    let village = app.village_a();
    let first = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let second = village.post("/households", unnumbered(VILLAGE_A, "许清泉")).await.is(201);
    let daughter = village.post("/households", unnumbered(VILLAGE_A, "许小荷")).await.is(201);
    let merging = |head: usize| {
        let people = [person(&first, head, "head"), person(&first, 1 - head, "other")];
        json!({ "other_id": second["id"], "other_version": second["version"], "members": people, "note": "同一家庭重复建档" })
    };
    let path = format!("{}/merge", first.path());
    assert_eq!(named(&village.post(&path, merging(1)).await.refused(LikelyDouble)), [daughter.path()]);
    village.post(&path, insisting(merging(0))).await.is(200);
    assert!(!says_why(&village, &first.path()).await, "its head is the one whom it had");
});

both_databases!(of_those_who_give_their_files_the_same_name_at_once_one_does, async |app| {
    let village = app.village_a();
    let mut renamed = Vec::new();
    for name in ["许大山", "许二山", "许三山", "许四山"] {
        let family = village.post("/households", unnumbered(VILLAGE_A, name)).await.is(201);
        let members = with(members(app, &family).await, "/members/0/name", json!("许清水"));
        renamed.push(village.patch(&family.path(), members).if_match(&family.etag()));
    }
    let (won, lost) = at_once(renamed).await;
    assert_eq!((won.len(), lost.len()), (1, 3));
    lost.into_iter().for_each(|answer| assert_eq!(named(&answer.refused(LikelyDouble)), [won[0].path()]));
});

both_databases!(a_record_that_becomes_like_another_is_looked_at_as_a_new_one_is, async |app| {
    let village = app.village_a();
    let family = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let first = village.post("/assistance-records", gift(&family.id())).await.is(201);
    let second = village.post("/assistance-records", with(gift(&family.id()), "/amount_fen", json!(300_000))).await.is(201);
    let same = json!({ "amount_fen": 200_000 });
    assert_eq!(named(&changed(&village, &second.path(), same.clone()).await.refused(LikelyDouble)), [first.path()]);
    changed(&village, &second.path(), json!({ "description": "看望病人" })).await.is(200);
    changed(&village, &second.path(), insisting(same)).await.is(200);
    assert!(says_why(&village, &second.path()).await);
    changed(&village, &second.path(), json!({ "description": "看望老人和病人" })).await.is(200);
    // Its confirmation asks nevertheless, because that is what counts.
    let refused = village.post(&format!("{}/confirm", second.path()), json!({})).await.refused(LikelyDouble);
    assert_eq!(named(&refused), [first.path()]);
});

both_databases!(a_workbook_that_renames_a_family_says_of_which_it_is_unsure, async |app| {
    let village = app.village_a();
    let known = village.post("/households", unnumbered(VILLAGE_A, "许清水")).await.is(201);
    let other = village.post("/households", unnumbered(VILLAGE_A, "许清泉")).await.is(201);
    let (number, id) = (other["file_number"].as_str().expect("a number"), other["members"][0]["id"].as_str().expect("an id"));
    let book = |said: &str, name: &str| {
        let households: &[&[&str]] = &[
            &["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址", "确认不是重复"],
            &[number, VILLAGE_A, "2020-04-16", "低保", "因病", "", said],
        ];
        let members: &[&[&str]] = &[
            &["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力", "行标识（勿改）"],
            &[number, name, "户主", "", "", "", id],
        ];
        workbook(&[("帮扶户", households), ("家庭成员", members)])
    };
    let unsure = book("", "许清水");
    let tried = import(&village, "/households/import?dry_run=true", &unsure).await.is(200);
    assert_eq!((&tried["errors_total"], &tried["errors"][0]["code"]), (&json!(1), &json!("likely_double")), "{}", tried.body);
    assert!(tried["errors"][0]["message"].as_str().expect("words").contains(known["file_number"].as_str().expect("a number")));
    import(&village, "/households/import", &unsure).await.fault("/households/2/not_a_double", "likely_double");
    assert_eq!(import(&village, "/households/import", &book("是", "许清水")).await.is(200)["updated"], 1);
    assert!(says_why(&village, &other.path()).await);
    // The same once more changes nothing.
    assert_eq!(import(&village, "/households/import", &book("是", "许清水")).await.is(200)["updated"], 0);
});
