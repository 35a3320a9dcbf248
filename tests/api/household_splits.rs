//! Members of a household found one of their own, and a whole household joins another. What was given stays where it was.

use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::races::at_once;
use crate::both_databases;
use crate::support::*;

/// Another village of the same town.
const NEXT: &str = "350582104205";

fn of(file: &Answer, index: usize, relation: &str) -> Value {
    json!({ "id": file["members"][index]["id"], "relation": relation })
}

/// The daughter founds a household of her own.
fn splitting(file: &Answer, day: &str) -> Value {
    json!({ "members": [of(file, 1, "head")], "split_on": day, "note": "长女成家，已另立户口" })
}

/// All members of the one in the household of the other, which keeps its head.
fn joining(file: &Answer, into: &Answer, day: &str) -> Value {
    let theirs = (0..file["members"].as_array().map_or(0, Vec::len)).map(|index| of(file, index, "parent"));
    let own = into["members"].as_array().expect("members").iter();
    let own = own.map(|member| json!({ "id": member["id"], "relation": member["relation"] }));
    let members: Vec<_> = own.chain(theirs).collect();
    json!({ "into_id": into["id"], "into_version": into["version"], "members": members, "joined_on": day, "note": "随子女生活，户口已并" })
}

pub async fn figures(client: &Client, within: &str, month: &str, names: &[&str]) -> Vec<i64> {
    let ledger = client.get(&format!("/household-ledger?month={month}&within={within}")).await.is(200);
    let cells = ledger["total"]["cells"].as_array().expect("cells");
    let mut found = Vec::new();
    for name in names {
        let cell = cells.iter().find(|cell| cell["figure"] == *name).expect("the figure");
        let list = client.get(cell["records"].as_str().expect("a list")).await.is(200);
        assert_eq!(list["total"], cell["value"], "{name}");
        found.push(cell["value"].as_i64().expect("a number"));
    }
    found
}

/// What of the ledger changes where households come and go.
const FIGURES: [&str; 7] = ["opening", "registered", "relapsed", "lifted_out", "moved_out", "left", "closing"];

async fn actions(client: &Client, path: &str) -> Vec<String> {
    let history = client.get(&format!("{path}/history")).await.is(200);
    history.items().iter().map(|entry| entry["action"].as_str().expect("an action").to_owned()).collect()
}

both_databases!(members_who_leave_get_a_file_and_what_was_given_still_names_them, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let (family, pairing) = app.helped(campaign(), 1).await;
    let family = village.get(&family.path()).await.is(200);
    let given = with(gift(&family.id()), "/member_id", family["members"][1]["id"].clone());
    let record = village.post("/assistance-records", given.clone()).await.is(201);
    app.clock.set(noon("2020-05-10"));
    let path = format!("{}/split", family.path());
    village.post(&path, splitting(&family, "2020-05-08")).await.refused(Forbidden);
    app.town_b().post(&path, splitting(&family, "2020-05-08")).await.refused(NotFound);
    let body = with(splitting(&family, "2020-05-08"), "/address", json!("永湖村新厝角落15号"));
    let founded = town.post(&path, body).if_match(&family.etag()).await.is(200);
    assert_eq!(founded["file_number"], format!("{VILLAGE_A}-0002"));
    assert_eq!((&founded["status"], &founded["registered_on"]), (&json!("registered"), &json!("2020-05-08")));
    assert_eq!((&founded["member_count"], &founded["members"][0]["relation"]), (&json!(1), &json!("head")));
    assert_eq!((&founded["consent"], &founded["consented"]), (&Value::Null, &json!(false)), "nobody consents for another");
    assert_eq!((&founded["phone"], &founded["bank_account"]), (&Value::Null, &Value::Null));
    assert_eq!(
        founded["split_from"],
        json!({ "id": family["id"], "file_number": family["file_number"], "split_on": "2020-05-08" })
    );
    assert_eq!(founded["split_files"], json!([]));
    let at = format!("/households/{}", founded.id());

    // The old file stays as it was without her; whoever helps it does not see the new one.
    let old = village.get(&family.path()).await.is(200);
    assert_eq!((&old["member_count"], &old["groups"]), (&json!(1), &json!(["seriously_ill"])));
    assert_eq!(old["split_files"][0]["id"], founded["id"]);
    assert_eq!((&old["status"], &village.get(&pairing.path()).await.is(200)["state"]), (&family["status"], &json!("active")));
    let helper = app.organisation_a();
    assert_eq!(helper.get(&family.path()).await.is(200)["split_files"], json!([]));
    helper.get(&at).await.refused(NotFound);

    // She is named where something was given to her, and is given no more there; by her number she is found in the new file.
    assert_eq!(village.get(&record.path()).await.is(200)["member_name"], "许**");
    let later = with(with(given, "/happened_on", json!("2020-05-09")), "/not_a_double", json!(true));
    village.post("/assistance-records", later).await.fault("/member_id", "after_leaving");
    let found = json!({ "identity_number": identity_number("20120601", 1) });
    let found = village.post("/households/search", found).await.is(200);
    assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &founded["id"]));
    village
        .post("/assistance-records", with(gift(&founded.id()), "/happened_on", json!("2020-05-09")))
        .await
        .refused(HouseholdNotConsented);
    let consent = json!({ "consent": { "given_on": "2020-05-09", "given_by": "许小荷", "scope": ["assistance"] } });
    let now = village.patch(&at, consent).if_match(&founded.etag()).await.is(200);
    assert_eq!(now["allowed_actions"], json!(["assist"]));

    // One household more, in the month in which they are two, and nobody's success.
    assert_eq!(figures(&town, VILLAGE_A, "2020-05", &FIGURES).await, [1, 1, 0, 0, 0, 0, 2]);
    assert_eq!(figures(&town, VILLAGE_A, "2020-04", &FIGURES).await, [0, 1, 0, 0, 0, 0, 1]);
    assert_eq!(actions(&village, &family.path()).await[0], "split");
    assert_eq!(actions(&village, &at).await[1], "split_off");
    for path in [family.path(), at] {
        let history = village.get(&format!("{path}/history")).await.is(200).body.to_string();
        for secret in ["许清水", "许小荷", "新厝角落"] {
            assert!(!history.contains(secret), "{secret} in {history}");
        }
    }
});

both_databases!(whoever_is_head_or_awaited_by_a_plan_does_not_just_leave, async |app| {
    let (family, _, plan, measure) = app.planned().await;
    let town = app.town_a();
    let family = town.get(&family.path()).await.is(200);
    let path = format!("{}/split", family.path());
    let head = json!([of(&family, 0, "head")]);
    let day = "2020-04-20";
    town.post(&path, splitting(&family, day)).await.fault("/members/0/id", "in_live_plan");
    for (body, pointer, code) in [
        (with(splitting(&family, day), "/members", head.clone()), "/staying", "head_missing"),
        (with(splitting(&family, day), "/members", json!([of(&family, 1, "child")])), "/members", "head_missing"),
        (
            with(splitting(&family, day), "/members", json!([of(&family, 0, "head"), of(&family, 1, "child")])),
            "/members",
            "all_leave",
        ),
        (
            with(splitting(&family, day), "/members", json!([of(&family, 1, "head"), of(&family, 1, "head")])),
            "/members/1/id",
            "unknown",
        ),
        (with(splitting(&family, day), "/staying", json!([of(&family, 1, "child")])), "/staying/0/id", "unknown"),
        (splitting(&family, "2020-04-21"), "/split_on", "future"),
        (splitting(&family, "2020-04-01"), "/split_on", "before_status"),
        (with(splitting(&family, day), "/note", json!("许小荷出嫁")), "/note", "personal_data"),
        (with(splitting(&family, day), "/note", Value::Null), "/note", "required"),
    ] {
        town.post(&path, body).await.fault(pointer, code);
    }
    let dropped = app.village_a().post(&format!("{}/drop", measure.path()), json!({ "note": "长女已成家" })).await;
    dropped.is(200);
    // The head leaves, and says who is head now.
    let body = with(with(splitting(&family, day), "/members", head), "/staying", json!([of(&family, 1, "head")]));
    town.post(&path, body.clone()).if_match("\"1\"").await.refused(StaleVersion);
    let founded = town.post(&path, body.clone()).if_match(&family.etag()).await.is(200);
    assert_eq!(founded["head_name"], "许**");
    let old = town.get(&family.path()).await.is(200);
    assert_eq!((&old["members"][0]["relation"], &old["member_count"]), (&json!("head"), &json!(1)));
    assert_eq!(town.get(&plan.path()).await.is(200)["state"], "draft");
    // What they were is over: the same once more finds nobody.
    town.post(&path, body).await.fault("/members/0/id", "unknown");
    // Neither of both files can be said to lie elsewhere, or to have begun on another day.
    for file in [&founded, &old] {
        let (at, change) = (format!("/households/{}", file.id()), json!({ "village_code": NEXT }));
        town.patch(&at, change).if_match(&file.etag()).await.fault("/village_code", "file_in_use");
    }
});

both_databases!(a_no_goes_with_those_who_leave, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let family = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let step =
        async |action: &str| town.post(&format!("{}/{action}", family.path()), json!({ "note": "收入稳定" })).await.is(200);
    step("assist").await;
    step("lift_out").await;
    let now = village.get(&family.path()).await.is(200);
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    let now = village.patch(&family.path(), withdrawn).if_match(&now.etag()).await.is(200);
    let founded = town.post(&format!("{}/split", family.path()), splitting(&now, "2020-04-20")).await.is(200);
    assert_eq!((&founded["status"], &founded["consent_withdrawn_on"]), (&json!("lifted_out"), &json!("2020-04-20")));
    let visits = format!("/households/{}/visits", founded.id());
    village.post(&visits, with(visit(), "/visited_on", json!("2020-04-20"))).await.refused(HouseholdNotConsented);
    // Who was lifted out already is not counted once more.
    assert_eq!(figures(&town, VILLAGE_A, "2020-04", &FIGURES).await, [0, 1, 0, 1, 0, 0, 0]);
});

both_databases!(a_household_joins_another_and_ends_as_one_of_its_own, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let (mother, pairing, plan, _) = app.planned().await;
    let given = with(gift(&mother.id()), "/member_id", mother["members"][0]["id"].clone());
    let record = village.post("/assistance-records", given.clone()).await.is(201);
    village.post(&format!("{}/confirm", record.path()), json!({})).await.is(200);
    let fields = [("object_type", "households"), ("object_id", &*mother.id())];
    village.upload("/attachments", &fields, ("许清水.pdf", "application/pdf", &receipt())).await.is(201);
    let son = town.post("/households", with(household(NEXT, 3), "/consent/scope", json!(["assistance"]))).await.is(201);
    let later = town.post("/households", with(household(NEXT, 5), "/not_a_double", json!(true))).await.is(201);
    app.clock.set(noon("2020-05-10"));
    let mother = town.get(&mother.path()).await.is(200);
    let path = format!("{}/join", mother.path());
    let body = joining(&mother, &son, "2020-05-08");
    village.post(&path, body.clone()).await.refused(Forbidden);
    app.town_b().post(&path, body.clone()).await.refused(NotFound);
    let fewer = json!(body["members"].as_array().expect("members")[1..]);
    for (body, pointer, code) in [
        (with(body.clone(), "/into_id", mother["id"].clone()), "/into_id", "duplicate"),
        (with(body.clone(), "/into_id", json!(app.world.organisation_a)), "/into_id", "unknown"),
        (with(body.clone(), "/members", fewer), "/members", "members_missing"),
        (with(body.clone(), "/members/0", of(&later, 0, "head")), "/members/0/id", "unknown"),
        (with(body.clone(), "/members/0/relation", json!("child")), "/members", "head_missing"),
        (with(body.clone(), "/members/3/relation", json!("head")), "/members/3/relation", "duplicate"),
        (joining(&mother, &son, "2020-05-11"), "/joined_on", "future"),
        (joining(&mother, &son, "2020-04-01"), "/joined_on", "before_status"),
        (with(body.clone(), "/note", json!("随许清水生活")), "/note", "personal_data"),
    ] {
        town.post(&path, body).await.fault(pointer, code);
    }
    town.post(&path, with(body.clone(), "/into_version", json!(7))).await.refused(StaleVersion);
    town.post(&path, body.clone()).if_match("\"77\"").await.refused(StaleVersion);
    let joined = town.post(&path, body.clone()).if_match(&mother.etag()).await.is(200);
    assert_eq!((&joined["id"], &joined["member_count"], &joined["status"]), (&son["id"], &json!(4), &json!("registered")));
    assert_eq!(joined["consents_to"], json!(["assistance"]), "that of the household that it joins");
    let told = &joined["merged_files"][0];
    assert_eq!((&told["id"], &told["joined"], &told["moved_on"]), (&mother["id"], &json!(true), &json!("2020-05-08")));
    assert_eq!(told["undoable"], false);

    // The old file ends with its reason, and with it what was agreed; what was given is still there, and still names her.
    let old = town.get(&mother.path()).await.is(200);
    assert_eq!((&old["status"], &old["leave_reason"]), (&json!("transferred"), &json!("joined")));
    assert_eq!((&old["members"], &old["allowed_actions"], &old["editable"]), (&json!([]), &json!([]), &json!(false)));
    assert_eq!((&old["merged_into"]["id"], &old["merged_into"]["joined"]), (&son["id"], &json!(true)));
    assert_eq!(village.get(&pairing.path()).await.is(200)["state"], "terminated");
    assert_eq!(village.get(&plan.path()).await.is(200)["state"], "closed");
    assert_eq!(actions(&village, &pairing.path()).await[0], "household_joined");
    assert_eq!(village.get(&record.path()).await.is(200)["member_name"], "许**");
    let corrected = with(with(given.clone(), "/corrects_id", record["id"].clone()), "/amount_fen", json!(100));
    village.post("/assistance-records", corrected).await.is(201);
    let late = with(given, "/happened_on", json!("2020-05-09"));
    village.post("/assistance-records", late).await.fault("/happened_on", "after_moving");
    town.post(&path, body.clone()).await.refused(HouseholdMoved);
    town.post(&format!("{}/unmerge", mother.path()), json!({ "note": "不是同一户" })).await.refused(MergeNotUndoable);
    town.post(&format!("{}/reopen", mother.path()), json!({ "note": "登记有误" })).await.is(409);
    let papers = town.get(&format!("/attachments?object_type=households&object_id={}", son.id())).await.is(200);
    assert_eq!(papers["total"], 1);
    let found = json!({ "identity_number": identity_number("19650312", 1) });
    let found = town.post("/households/search", found).await.is(200);
    assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &son["id"]));

    // One household less, which nobody has lifted out.
    assert_eq!(figures(&town, VILLAGE_A, "2020-05", &FIGURES).await, [1, 0, 0, 0, 0, 1, 0]);
    assert_eq!(figures(&town, NEXT, "2020-05", &FIGURES).await, [2, 0, 0, 0, 0, 0, 2]);
    assert_eq!(figures(&town, TOWN_A, "2020-05", &FIGURES).await, [3, 0, 0, 0, 0, 1, 2]);

    // For retention they are one family.
    let now = town.get(&son.path()).await.is(200);
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-05-10" } });
    town.patch(&son.path(), withdrawn).if_match(&now.etag()).await.is(200);
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(3_650));
    assert_eq!(app.retention(false).await.0, [format!("{NEXT}-0001 consent_withdrawn")]);
    assert_eq!(app.number("SELECT COUNT(*) FROM households WHERE anonymised_on IS NOT NULL").await, 2);
});

both_databases!(between_towns_the_bureau_lets_a_household_join_another, async |app| {
    let mother = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let son = app.as_(Who::VillageB).post("/households", household(VILLAGE_B, 3)).await.is(201);
    let path = format!("{}/join", mother.path());
    let body = joining(&mother, &son, "2020-04-20");
    app.town_a().post(&path, body.clone()).await.fault("/into_id", "unknown");
    app.bureau().post(&path, body).await.is(200);
    let old = app.village_a().get(&mother.path()).await.is(200);
    assert_eq!((&old["leave_reason"], &old["merged_into"]), (&json!("joined"), &Value::Null), "the village does not see where");
});

both_databases!(whoever_has_said_no_is_not_put_under_the_yes_of_another, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let mother = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let son = village.post("/households", with(household(VILLAGE_A, 3), "/not_a_double", json!(true))).await.is(201);
    let gone = village.post("/households", with(household(VILLAGE_A, 5), "/not_a_double", json!(true))).await.is(201);
    town.post(&format!("{}/leave", gone.path()), json!({ "leave_reason": "died", "note": "户口已注销" })).await.is(200);
    let path = format!("{}/join", mother.path());
    town.post(&path, joining(&mother, &gone, "2020-04-20")).await.fault("/into_id", "file_closed");
    town.post(&format!("{}/join", gone.path()), joining(&gone, &son, "2020-04-20")).await.refused(HouseholdLeft);
    let leave = json!({ "leave_reason": "joined", "note": "随子女生活" });
    town.post(&format!("{}/leave", mother.path()), leave).await.fault("/leave_reason", "by_joining");
    let withdrawn = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    let no = village.patch(&mother.path(), withdrawn).if_match(&mother.etag()).await.is(200);
    town.post(&path, joining(&mother, &son, "2020-04-20")).await.refused(HouseholdNotConsented);
    let anew = json!({ "consent": { "given_on": "2020-04-20", "withdrawn_on": null } });
    village.patch(&mother.path(), anew).if_match(&no.etag()).await.is(200);
    town.post(&path, joining(&mother, &son, "2020-04-20")).await.is(200);
});

both_databases!(of_two_who_split_or_join_a_household_at_once_the_second_is_told, async |app| {
    let (town, village) = (app.town_a(), app.village_a());
    let first = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let second = village.post("/households", with(household(VILLAGE_A, 3), "/not_a_double", json!(true))).await.is(201);
    // Each joins the other.
    let send = |file: &Answer, into: &Answer| {
        town.post(&format!("{}/join", file.path()), joining(file, into, "2020-04-20")).if_match(&file.etag())
    };
    let (won, lost) = at_once([send(&first, &second), send(&second, &first)]).await;
    assert_eq!((won.len(), lost.len()), (1, 1));
    assert!([409, 412, 422].contains(&lost[0].status), "{}", lost[0].body);
    let stays = village.get(&format!("/households/{}", won[0].id())).await.is(200);
    assert_eq!(stays["member_count"], 4);
    let body = json!({ "members": [of(&stays, 3, "head")], "split_on": "2020-04-20", "note": "另立户口" });
    let split = || town.post(&format!("/households/{}/split", stays.id()), body.clone()).if_match(&stays.etag());
    let (won, lost) = at_once([split(), split()]).await;
    assert_eq!((won.len(), lost.len()), (1, 1));
    lost.into_iter().for_each(|answer| drop(answer.refused(StaleVersion)));
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 3);
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 4);
});
