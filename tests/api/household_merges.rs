//! Two files of the same family become one, and two again.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// The same family entered twice: once complete, and a year later without numbers and with a grandmother.
async fn twice(app: &TestApp) -> (Answer, Answer) {
    let mut second = household(VILLAGE_A, 3);
    second["phone"] = json!("13905950111");
    second["bank_account"] = Value::Null;
    second["members"][0]["identity_number"] = Value::Null;
    second["not_a_double"] = json!(true);
    second["members"][1] = json!({
        "name": "吴阿婆", "relation": "parent", "identity_number": identity_number("19400101", 7), "health": "chronic_illness",
        "schooling": "none", "labour": "lost", "groups": ["empty_nest_elderly"],
    });
    let first = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    (first, app.village_a().post("/households", second).await.is(201))
}

/// A merge that adds the grandmother to the first file.
fn merging(kept: &Answer, other: &Answer) -> Value {
    let member =
        |file: &Answer, index: usize, relation: &str| json!({ "id": file["members"][index]["id"], "relation": relation });
    json!({
        "other_id": other["id"], "other_version": other["version"], "take": ["phone"], "note": "入户核实为同一户",
        "members": [member(kept, 0, "head"), member(kept, 1, "child"), member(other, 1, "parent")],
    })
}

async fn merge(app: &TestApp, kept: &Answer, other: &Answer) -> Answer {
    app.village_a().post(&format!("{}/merge", kept.path()), merging(kept, other)).await
}

async fn unmerge(app: &TestApp, other: &Answer) -> Answer {
    app.village_a().post(&format!("{}/unmerge", other.path()), json!({ "note": "不是同一户" })).await
}

/// A file in full, without its version.
async fn file(app: &TestApp, path: &str) -> Value {
    let mut told = app.village_a().post(&format!("{path}/reveal"), json!({ "purpose": "edit" })).await.is(200).body;
    told["version"].take();
    told
}

async fn actions(app: &TestApp, path: &str) -> Vec<Value> {
    let history = app.village_a().get(&format!("{path}/history")).await.is(200);
    let done = history.items().iter().map(|entry| entry["action"].clone());
    done.filter(|action| action != "reveal").collect()
}

both_databases!(two_files_become_one_and_two_again, async |app| {
    let (kept, other) = twice(app).await;
    let before = (file(app, &kept.path()).await, file(app, &other.path()).await);
    let merged = merge(app, &kept, &other).await.is(200);
    assert_eq!((&merged["member_count"], &merged["phone"]), (&json!(3), &json!("139****0111")));
    assert_eq!(merged["bank_account"], "***************5678");
    assert_eq!(merged["groups"], json!(["student", "seriously_ill", "empty_nest_elderly"]));
    assert_eq!(merged["merged_files"][0]["file_number"], other["file_number"]);

    // The other file disappears from lists and searches, but can still be read with its history.
    assert_eq!(app.village_a().get("/households").await.is(200)["total"], 1);
    for (query, found) in [
        (json!({ "identity_number": identity_number("19400101", 7) }), &kept),
        (json!({ "name": "吴阿婆" }), &kept),
        (json!({ "phone": "13905950111" }), &kept),
    ] {
        let list = app.village_a().post("/households/search", query).await.is(200);
        assert_eq!((&list["total"], &list.items()[0]["id"]), (&json!(1), &found["id"]));
    }
    let gone = app.village_a().get(&other.path()).await.is(200);
    assert_eq!((&gone["editable"], &gone["allowed_actions"]), (&json!(false), &json!([])));
    assert_eq!((&gone["merged_into"]["id"], &gone["merged_into"]["undoable"]), (&kept["id"], &json!(true)));
    assert_eq!(app.bureau().get(&other.path()).await.is(200)["merged_into"]["undoable"], false);
    assert_eq!(actions(app, &kept.path()).await, ["merge", "create"]);
    assert_eq!(actions(app, &other.path()).await, ["merge", "create"]);

    let apart = unmerge(app, &other).await.is(200);
    assert_eq!((&apart["merged_into"], &apart["editable"]), (&Value::Null, &json!(true)));
    assert_eq!((file(app, &kept.path()).await, file(app, &other.path()).await), before);
    assert_eq!(app.village_a().get("/households").await.is(200)["total"], 2);
    assert_eq!(actions(app, &kept.path()).await, ["unmerge", "merge", "create"]);
    assert_eq!(actions(app, &other.path()).await, ["unmerge", "merge", "create"]);
    unmerge(app, &other).await.refused(MergeNotUndoable);
    let history = app.village_a().get(&format!("{}/history", kept.path())).await.is(200).body.to_string();
    for secret in ["吴阿婆", "许清水", "13905950111", "13805950137"] {
        assert!(!history.contains(secret), "{secret} in {history}");
    }
    let again = app.village_a().get(&kept.path()).await.is(200);
    let other = app.village_a().get(&other.path()).await.is(200);
    merge(app, &again, &other).await.is(200);
});

both_databases!(what_is_withdrawn_while_two_files_are_one_is_withdrawn_in_both, async |app| {
    let (kept, other) = twice(app).await;
    let village = app.village_a();
    let merged = merge(app, &kept, &other).await.is(200);
    let withdrawing = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    village.patch(&kept.path(), withdrawing).if_match(&merged.etag()).await.is(200);
    unmerge(app, &other).await.is(200);
    for path in [kept.path(), other.path()] {
        let file = village.get(&path).await.is(200);
        assert_eq!(file["consent"]["withdrawn_on"], "2020-04-20", "{}", file.body);
        village.post(&format!("{path}/visits"), visit()).await.refused(HouseholdNotConsented);
    }
});

both_databases!(a_file_that_took_the_consent_of_another_gives_it_back, async |app| {
    let (kept, other) = twice(app).await;
    let village = app.village_a();
    let withdrawing = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    let kept = village.patch(&kept.path(), withdrawing).if_match(&kept.etag()).await.is(200);
    let taking = with(merging(&kept, &other), "/take", json!(["consent"]));
    village.post(&format!("{}/merge", kept.path()), taking).await.is(200);
    village.post(&format!("{}/visits", kept.path()), visit()).await.is(201);
    unmerge(app, &other).await.is(200);
    village.post(&format!("{}/visits", kept.path()), visit()).await.refused(HouseholdNotConsented);
    village.post(&format!("{}/visits", other.path()), visit()).await.is(201);
});

both_databases!(what_was_planned_for_a_file_rests_while_it_is_merged_away, async |app| {
    let campaign_id = app.open_campaign().await.id();
    let (kept, other) = twice(app).await;
    let plan = json!({ "campaign_id": campaign_id, "household_id": other.id() });
    let plan = app.village_a().post("/assistance-plans", plan).await.is(201);
    let measure = app.village_a().post("/assistance-measures", measure(&plan.id())).await.is(201);
    let exists = async |exists: bool| {
        for (path, list) in [(plan.path(), "/assistance-plans"), (measure.path(), "/assistance-measures")] {
            for client in [app.village_a(), app.bureau()] {
                assert_eq!(client.get(&path).await.status, if exists { 200 } else { 404 }, "{path}");
                assert_eq!(client.get(list).await.is(200)["total"], u64::from(exists), "{list}");
            }
        }
    };
    exists(true).await;
    merge(app, &kept, &other).await.is(200);
    exists(false).await;
    unmerge(app, &other).await.is(200);
    exists(true).await;
});

both_databases!(a_file_somebody_is_paired_with_is_not_merged_away, async |app| {
    let village = app.active(campaign(), "2020-04-18").await;
    let (kept, other) = twice(app).await;
    let campaign_id = village["campaign_id"].as_str().expect("an id");
    let pairing = app.confirmed_with(campaign_id, &other.id()).await;
    merge(app, &kept, &other).await.refused(PairingsLive);
    app.bureau().post(&format!("{}/terminate", pairing.path()), json!({ "note": "同一户重复建档" })).await.is(200);
    merge(app, &kept, &other).await.is(200);
});

both_databases!(what_was_corrected_after_a_merge_survives_its_undoing, async |app| {
    let (kept, other) = twice(app).await;
    let merged = merge(app, &kept, &other).await.is(200);
    let mut members = file(app, &kept.path()).await["members"].as_array().expect("members").clone();
    members[2]["name"] = json!("吴秀花");
    members[0]["identity_number"] = json!(identity_number("19650312", 1));
    members.push(json!({
        "name": "许新生", "relation": "child", "health": "healthy", "schooling": "none", "labour": "none",
    }));
    let change = json!({ "members": members, "phone": "13705950000", "address": "新居1号" });
    app.village_a().patch(&kept.path(), change).if_match(&merged.etag()).await.is(200);
    unmerge(app, &other).await.is(200);
    let (mine, theirs) = (file(app, &kept.path()).await, file(app, &other.path()).await);
    let names = |file: &Value| file["members"].as_array().expect("members").iter().map(|m| m["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&mine), ["许清水", "许小荷", "许新生"]);
    assert_eq!(names(&theirs), ["许清水", "吴秀花"]);
    assert_eq!(
        (&mine["phone"], &mine["address"], &theirs["phone"]),
        (&json!("13705950000"), &json!("新居1号"), &json!("13905950111"))
    );
});

both_databases!(a_number_is_free_for_the_one_who_stays, async |app| {
    let number = identity_number("19650312", 5);
    let mut second = household(VILLAGE_A, 3);
    second["members"] = json!([second["members"][0]]);
    second["members"][0]["identity_number"] = json!(number);
    second["not_a_double"] = json!(true);
    let mut first = household(VILLAGE_A, 1);
    first["members"][0]["identity_number"] = Value::Null;
    let kept = app.village_a().post("/households", first).await.is(201);
    let other = app.village_a().post("/households", second).await.is(201);
    let mut body = merging(&kept, &kept);
    body["other_id"] = other["id"].clone();
    body["members"].as_array_mut().expect("members").pop();
    let merged = app.village_a().post(&format!("{}/merge", kept.path()), body).await.is(200);
    let mut members = file(app, &kept.path()).await["members"].clone();
    members[0]["identity_number"] = json!(number);
    app.village_a().patch(&kept.path(), json!({ "members": members })).if_match(&merged.etag()).await.is(200);
    // The number would then belong to two persons.
    unmerge(app, &other).await.refused(MergeNotUndoable);
    assert_eq!(file(app, &kept.path()).await["members"][0]["identity_number"], number);
});

both_databases!(of_two_who_merge_the_same_files_at_once_one_does, async |app| {
    let (one, two) = twice(app).await;
    let (village, town) = (app.village_a(), app.town_a());
    let mut reverse = merging(&one, &two);
    reverse["other_id"] = one["id"].clone();
    let (here, there) = futures_util::join!(
        village.post(&format!("{}/merge", one.path()), merging(&one, &two)).into_future(),
        town.post(&format!("{}/merge", two.path()), reverse).into_future(),
    );
    let mut statuses = [here.status, there.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_merges").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 4);

    let merged = if here.status == 200 { &two } else { &one };
    let path = format!("{}/unmerge", merged.path());
    let note = json!({ "note": "不是同一户" });
    let (here, there) =
        futures_util::join!(village.post(&path, note.clone()).into_future(), town.post(&path, note).into_future());
    let mut statuses = [here.status, there.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
});

both_databases!(what_is_no_merge_is_refused_at_its_place, async |app| {
    let (kept, other) = twice(app).await;
    let far = app.town_b().post("/households", household(VILLAGE_B, 11)).await.is(201);
    let path = format!("{}/merge", kept.path());
    let good = merging(&kept, &other);
    let village = app.village_a();
    let stranger = &far["members"][0]["id"];
    for (pointer, value, at, code) in [
        ("/other_id", kept["id"].clone(), "/other_id", "duplicate"),
        ("/other_id", far["id"].clone(), "/other_id", "unknown"),
        ("/members/1/relation", json!("head"), "/members/1/relation", "duplicate"),
        ("/members/0/relation", json!("other"), "/members", "head_missing"),
        ("/members/2/id", stranger.clone(), "/members/2/id", "unknown"),
        ("/members/2/id", good["members"][0]["id"].clone(), "/members/2/id", "unknown"),
        ("/take", json!(["phone", "phone"]), "/take", "duplicate"),
        ("/note", Value::Null, "/note", "required"),
    ] {
        village.post(&path, with(good.clone(), pointer, value)).await.fault(at, code);
    }
    village.post(&path, with(good.clone(), "/other_version", json!(9))).await.refused(StaleVersion);
    village.post(&path, good.clone()).if_match("\"9\"").await.refused(StaleVersion);
    app.town_b().post(&path, good.clone()).await.refused(NotFound);
    app.bureau().post(&path, good.clone()).await.refused(Forbidden);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_merges").await, 0);

    merge(app, &kept, &other).await.is(200);
    let third = village.post("/households", household(VILLAGE_A, 13)).await.is(201);
    let gone = village.get(&other.path()).await.is(200);
    let into_third = |other: &Answer| {
        let head = json!([{ "id": third["members"][0]["id"], "relation": "head" }]);
        json!({ "other_id": other["id"], "other_version": other["version"], "members": head, "note": "入户核实为同一户" })
    };
    let third_path = format!("{}/merge", third.path());
    village.post(&third_path, into_third(&gone)).await.refused(HouseholdMerged);
    village.post(&format!("{}/assist", other.path()), json!({})).await.refused(HouseholdMerged);
    village.patch(&other.path(), json!({ "phone": null })).if_match(&gone.etag()).await.refused(HouseholdMerged);
    let now = village.get(&kept.path()).await.is(200);
    village.post(&third_path, into_third(&now)).await.refused(HasMergedFiles);
    // A merge the other way round is possible. Merges are undone latest first.
    let mut body = into_third(&third);
    body["members"] = json!([{ "id": now["members"][0]["id"], "relation": "head" }]);
    village.post(&path, body).await.is(200);
    unmerge(app, &other).await.refused(MergeNotUndoable);
    unmerge(app, &third).await.is(200);
    unmerge(app, &other).await.is(200);
});

both_databases!(no_note_on_a_merge_or_its_undoing_names_anybody_of_either_file, async |app| {
    let (kept, other) = twice(app).await;
    let village = app.village_a();
    let merge_path = format!("{}/merge", kept.path());
    // A member of one file, a member of the other, and a number from each.
    let names = [
        ("许小荷搬走了", "personal_data"),
        ("吴阿婆另过", "personal_data"),
        ("账户 6217001850012345678", "personal_data"),
        ("13905950111", "personal_number"),
    ];
    for (words, code) in names {
        let named = with(merging(&kept, &other), "/note", json!(words));
        village.post(&merge_path, named).await.fault("/note", code);
    }
    merge(app, &kept, &other).await.is(200);
    for (words, code) in names {
        village.post(&format!("{}/unmerge", other.path()), json!({ "note": words })).await.fault("/note", code);
    }
    unmerge(app, &other).await.is(200);
});
