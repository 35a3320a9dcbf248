//! Household files: stored, masked, found, read in full.

mod documents;
mod privacy;

use std::future::IntoFuture;

use chrono::TimeDelta;
use contract::ErrorCode::*;
use platform::excel::MEDIA_TYPE as XLSX;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, Upload, next_number, op};
use super::leaks;
use crate::both_databases;
use crate::support::Who::*;
use crate::support::*;

/// Those who may read the file of a family in village A that no organisation helps.
const HOUSEHOLD: &[Who] = &[Bureau, TownA, VillageA];

/// Those who keep it.
pub const KEEPERS: &[Who] = &[TownA, VillageA];

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("list_households"),
        op("create_household")
            .body(|_, _| household(VILLAGE_A, next_number()))
            .only(&[TownA, VillageA])
            .foreign(ValidationFailed),
        op("search_households").body(|_, _| json!({ "name": "许清水" })),
        op("read_household").on(household_a).only(HOUSEHOLD).or(NotFound),
        op("update_household").on(household_a).body(|_, _| json!({ "phone": null })).only(KEEPERS).or(NotFound),
        op("reveal_household")
            .on(household_a)
            .body(|_, _| json!({ "purpose": "visit" }))
            .only(HOUSEHOLD)
            .or(NotFound)
            .tells(leaks::KEEPS_FILES, leaks::WHO),
        op("merge_households").on(merging).body(|_, target| target.body.clone()).only(KEEPERS).or(NotFound),
        op("unmerge_household").on(merged).body(|_, _| json!({ "note": "不是同一户" })).only(KEEPERS).or(NotFound),
        op("move_household")
            .on(household_a)
            .body(|_, _| json!({ "village_code": "350582104205", "moved_on": "2020-04-20", "note": "随子女迁居" }))
            .only(&[Bureau, TownA])
            .or(NotFound),
        op("split_household").on(splitting).body(|_, target| target.body.clone()).only(&[Bureau, TownA]).or(NotFound),
        op("join_household").on(joining).body(|_, target| target.body.clone()).only(&[Bureau, TownA]).or(NotFound),
        op("export_households")
            .body(|_, _| json!({ "purpose": "payment" }))
            // Callers who may not export get a refusal, which contains nothing of the family.
            .tells(&[Bureau, TownA, TownB, OtherBureau], leaks::WHO),
        op("read_household_template"),
        op("import_households").upload(households_workbook).only(KEEPERS).or(ValidationFailed).foreign(ValidationFailed),
        op("list_household_statuses").on(household_a).only(HOUSEHOLD).or(NotFound),
        op("list_household_visits").on(household_a).only(HOUSEHOLD).or(NotFound).tells(leaks::KEEPS_FILES, leaks::VISITED),
        op("create_household_visit")
            .on(household_a)
            .body(|_, _| visit())
            .only(KEEPERS)
            .or(NotFound)
            .tells(leaks::KEEPS_FILES, leaks::VISITED),
        op("list_household_history").on(household_a).only(HOUSEHOLD).or(NotFound),
        op("step_household").on(household_a).step("assist").body(|_, _| json!({ "note": "已入户" })).only(KEEPERS).or(NotFound),
    ],
    // This one was visited twice, and helped.
    example: |app| {
        Box::pin(async {
            let family = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
            for _ in 0..2 {
                app.village_a().post(&format!("{}/visits", family.path()), visit()).await.is(201);
            }
            let pairing = app.active_village().await;
            app.helps(pairing["campaign_id"].as_str().expect("an id"), &family.id()).await;
        })
    },
    walked: &["/households?sort=file_number", "/households?sort=-updated_at", "/households?sort=-status_since"],
    pages: &[
        ("bureau", "/households"),
        ("bureau", "/households/search"),
        ("bureau", "/households/{}"),
        ("bureau", "/households/{}/move"),
        ("bureau", "/households/{}/split"),
        ("bureau", "/households/{}/join"),
        ("village", "/households"),
        ("village", "/households/new"),
        ("village", "/households/{}"),
        ("village", "/households/{}/edit"),
        ("village", "/households/{}/merge"),
        ("village", "/households/import"),
        ("village", "/visit"),
    ],
};

/// A new file for each call.
fn household_a(app: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { app.village_a().post("/households", household(VILLAGE_A, next_number())).await.is(201).into() })
}

/// Two files of one family. The body merges the second into the first.
fn merging(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let (kept, other) = (household_a(app, who).await, household_a(app, who).await);
        let file = app.village_a().get(&kept.path).await.is(200);
        let head = json!({ "id": file["members"][0]["id"], "relation": "head" });
        let body = json!({ "other_id": other.id, "other_version": 1, "members": [head], "note": "入户核实为同一户" });
        Target { body, id: other.id, ..kept }
    })
}

/// A family; the body lets its second member found a household of their own.
fn splitting(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let family = household_a(app, who).await;
        let file = app.village_a().get(&family.path).await.is(200);
        let head = json!({ "id": file["members"][1]["id"], "relation": "head" });
        let body = json!({ "members": [head], "split_on": "2020-04-20", "note": "长女成家，已另立户口" });
        Target { body, ..family }
    })
}

/// Two families; the body lets the first join the second.
fn joining(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let (joins, into) = (household_a(app, who).await, household_a(app, who).await);
        let mut members = Vec::new();
        for (path, first) in [(&into.path, "head"), (&joins.path, "parent")] {
            let file = app.village_a().get(path).await.is(200);
            members.push(json!({ "id": file["members"][0]["id"], "relation": first }));
            members.push(json!({ "id": file["members"][1]["id"], "relation": "child" }));
        }
        let body =
            json!({ "into_id": into.id, "into_version": 1, "members": members, "joined_on": "2020-04-20", "note": "随子女生活" });
        Target { body, ..joins }
    })
}

/// A file that has been merged into another.
fn merged(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        let merging = merging(app, who).await;
        app.village_a().post(&format!("{}/merge", merging.path), merging.body).await.is(200);
        Target::at(format!("/households/{}", merging.id))
    })
}

/// A workbook with a family of one person.
fn households_workbook(_: &Target) -> Upload {
    let household: &[&str] = &["1", VILLAGE_A, "2020-04-16", "低保", "因病", "某处", "是"];
    let head: &[&str] = &["1", "林金土", "户主", "健康", "小学", "普通劳动力"];
    let households = &[&["户编号", "村（社区）代码", "建档日期", "困难类别", "主要致贫原因", "地址", "确认不是重复"], household];
    let members = &[&["户编号", "姓名", "与户主关系", "健康状况", "文化程度", "劳动能力"], head];
    (vec![], XLSX, workbook(&[("帮扶户", households), ("家庭成员", members)]))
}

/// Texts that must not appear where they do not belong.
pub const SECRETS: &[&str] = &["许清水", "许小荷", "新厝角落", "13805950137", "6217001850012345678", "19650312", "20120601"];

#[track_caller]
pub fn assert_masked(answer: &Answer) {
    let text = answer.body.to_string();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

both_databases!(a_file_is_opened_by_its_village_and_answered_masked, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    assert_masked(&made);
    assert_eq!(made["file_number"], format!("{VILLAGE_A}-0001"));
    assert_eq!((&made["head_name"], &made["phone"]), (&json!("许**"), &json!("138****0137")));
    assert_eq!(made["bank_account"], "***************5678");
    assert_eq!((&made["status"], &made["status_since"]), (&json!("registered"), &json!("2020-04-16")));
    assert_eq!((&made["consented"], &made["missing"]), (&json!(true), &json!([])));
    assert_eq!(made["groups"], json!(["student", "seriously_ill"]));
    let [father, daughter] = made["members"].as_array().unwrap().as_slice() else { panic!("two members") };
    let shown = father["identity_number"].as_str().unwrap();
    assert!(shown.starts_with("350582********") && shown.len() == 18);
    assert_eq!((&father["sex"], &father["age"], &father["under_14"]), (&json!("male"), &json!(55), &json!(false)));
    assert_eq!(
        (&daughter["identity_number"], &daughter["age"], &daughter["under_14"]),
        (&Value::Null, &Value::Null, &json!(true))
    );

    let second = app.town_a().post("/households", household(VILLAGE_A, 3)).await.is(201);
    assert_eq!(second["file_number"], format!("{VILLAGE_A}-0002"));
    for reader in [app.bureau(), app.town_a(), app.village_a()] {
        let list = reader.get("/households?sort=file_number").await.is(200);
        assert_eq!(list["total"], 2);
        assert_masked(&list);
        assert_masked(&reader.get(&made.path()).await.is(200));
    }
    app.town_b().get(&made.path()).await.refused(NotFound);
    assert_eq!(app.town_b().get("/households").await.is(200)["total"], 0);
    app.village_a().post("/households", household(VILLAGE_B, 5)).await.refused(OutsideOwnScope);
    app.bureau().post("/households", household(VILLAGE_A, 5)).await.refused(Forbidden);
    for nobody in [LeadingGroup, Cadre, Auditor, Admin] {
        app.as_(nobody).get("/households").await.refused(Forbidden);
        app.as_(nobody).get(&made.path()).await.refused(Forbidden);
    }
});

both_databases!(every_fault_of_a_file_is_told_at_its_field, async |app| {
    let village = app.village_a();
    let good = household(VILLAGE_A, 1);
    for (pointer, value, fault, code) in [
        ("/members/0/identity_number", json!("110105194912310021"), "/members/0/identity_number", "check_digit"),
        ("/members/0/identity_number", json!("350582201502291016"), "/members/0/identity_number", "identity_number_date"),
        ("/members/0/identity_number", json!("1101051949123100"), "/members/0/identity_number", "identity_number_format"),
        ("/members/1/identity_number", json!(wide(&identity_number("19650312", 1))), "/members/1/identity_number", "duplicate"),
        ("/members/0/identity_number", json!(identity_number("20200421", 1)), "/members/0/identity_number", "future"),
        ("/members/1/identity_number", json!(identity_number("19650312", 1)), "/members/1/identity_number", "duplicate"),
        ("/members/0/sex", json!("female"), "/members/0/sex", "differs_from_identity_number"),
        ("/members/0/born_on", json!("1965-03-13"), "/members/0/born_on", "differs_from_identity_number"),
        ("/members/0/name", json!("许**"), "/members/0/name", "person_name"),
        ("/members/0/name", json!("许＊＊"), "/members/0/name", "person_name"),
        ("/members/1/name", json!("○○○"), "/members/1/name", "person_name"),
        ("/consent/given_by", json!("123"), "/consent/given_by", "person_name"),
        ("/members/0/relation", json!("spouse"), "/members", "head_missing"),
        ("/members/1/relation", json!("head"), "/members/1/relation", "duplicate"),
        ("/members/0/health", json!("disabled"), "/members/0/disability", "required"),
        ("/members/0/disability", json!({ "kind": "visual", "level": 1 }), "/members/0/disability", "not_disabled"),
        ("/members/0/disability", json!({ "kind": "visual", "level": 5 }), "/members/0/disability/level", "range"),
        ("/members/0/id", json!("0190a000-0000-7000-8000-000000000000"), "/members/0/id", "unknown"),
        ("/members", json!([]), "/members", "length"),
        ("/secondary_causes", json!(["illness"]), "/secondary_causes/0", "duplicate"),
        ("/income_per_head_fen", json!(-1), "/income_per_head_fen", "range"),
        ("/registered_on", json!("2020-04-21"), "/registered_on", "future"),
        ("/phone", json!("138****0137"), "/phone", "phone"),
        ("/phone", json!("---1234567---"), "/phone", "phone"),
        ("/phone", json!("00000000"), "/phone", "phone"),
        ("/bank_account", json!("6217-0018"), "/bank_account", "bank_account"),
        ("/consent/given_on", json!("2020-04-21"), "/consent/given_on", "future"),
        ("/consent/withdrawn_on", json!("2020-04-15"), "/consent/withdrawn_on", "end_before_start"),
        ("/village_code", json!("350582104999"), "/village_code", "unknown"),
        ("/hobby", json!("钓鱼"), "/hobby", "unknown_field"),
    ] {
        let refused = village.post("/households", with(good.clone(), pointer, value)).await;
        assert_masked(&refused);
        refused.fault(fault, code);
    }
    let nobody = village.post("/households", with(good, "/members", json!([]))).await;
    assert_eq!(nobody["errors"][0]["message"], "须在 1 到 20 项 之间", "a list has entries");
    assert_eq!(app.number("SELECT COUNT(*) FROM household_members").await, 0, "nothing is half written");
});

both_databases!(nobody_is_a_member_of_two_households, async |app| {
    let first = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let mut other = household(VILLAGE_A, 3);
    other["members"][1]["identity_number"] = json!(identity_number("20120601", 1));
    let told = app.village_a().post("/households", other.clone()).await;
    let named = |answer: &Answer| answer.body.to_string().contains(first["file_number"].as_str().unwrap());
    assert!(named(&told), "within one's area the file is named");
    told.fault("/members/1/identity_number", "known_elsewhere");
    other["village_code"] = json!(VILLAGE_B);
    let outside = app.as_(VillageB).post("/households", other.clone()).await;
    assert!(!named(&outside) && !outside.body.to_string().contains("永湖"), "outside of it nothing is said but that");
    outside.fault("/members/1/identity_number", "known_elsewhere");

    // Two callers enter the same person at once: one succeeds.
    let (village, town) = (app.village_a(), app.town_a());
    let (one, two) = futures_util::join!(
        village.post("/households", household(VILLAGE_A, 5)).into_future(),
        town.post("/households", household(VILLAGE_A, 5)).into_future()
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
});

both_databases!(a_file_is_changed_without_being_revealed, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let path = made.path();
    let changed = village.patch(&path, json!({ "income_per_head_fen": 520_000 })).if_match(&made.etag()).await.is(200);
    assert_eq!((&changed["income_per_head_fen"], &changed["members"]), (&json!(520_000), &made["members"]));
    village.patch(&path, json!({ "phone": null })).if_match(&made.etag()).await.refused(StaleVersion);
    village.patch(&path, json!({ "phone": null })).await.refused(PreconditionRequired);
    village.patch(&path, json!({ "village_code": VILLAGE_B })).if_match(&changed.etag()).await.refused(OutsideOwnScope);
    app.bureau().patch(&path, json!({ "phone": null })).if_match(&changed.etag()).await.refused(Forbidden);
    app.town_b().patch(&path, json!({ "phone": null })).if_match(&changed.etag()).await.refused(NotFound);

    let file = village.post(&format!("{path}/reveal"), json!({ "purpose": "edit" })).await.is(200);
    let mut members = file["members"].as_array().unwrap().clone();
    assert_eq!(members[1]["name"], "许小荷");
    members[1]["groups"] = json!(["student", "left_behind_child"]);
    members.swap(0, 1);
    let patch = json!({ "members": members, "consent": { "withdrawn_on": "2020-04-20" } });
    let after = village.patch(&path, patch).if_match(&changed.etag()).await.is(200);
    assert_eq!((&after["consented"], &after["missing"]), (&json!(false), &json!(["consent"])));
    assert_eq!(after["members"][0]["id"], file["members"][1]["id"]);

    let history = village.get(&format!("{path}/history")).await.is(200);
    assert_masked(&history);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["update", "reveal", "update", "create"]);
    let fields: Vec<_> = history.items()[0]["changes"].as_array().unwrap().iter().map(|c| c["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["consent", "members"]);
});

/// Full-width digits, as an input method types them.
fn wide(number: &str) -> String {
    number.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("a wide character")).collect()
}

both_databases!(one_person_is_found_however_name_and_numbers_are_written, async |app| {
    let village = app.village_a();
    let mut file = household(VILLAGE_A, 1);
    file["members"][0]["name"] = json!("买买提•吐尔逊");
    file["phone"] = json!("（0595）8566 0137 转 801，138-0595-0137");
    file["members"][0]["identity_number"] = json!(wide(&identity_number("19650312", 1)));
    let made = village.post("/households", file.clone()).await.is(201);
    assert_eq!((&made["head_name"], &made["phone"]), (&json!("买******"), &json!("059******0137、138****0137")));
    let told = village.post(&format!("{}/reveal", made.path()), json!({ "purpose": "edit" })).await.is(200);
    assert_eq!(told["members"][0]["name"], "买买提•吐尔逊", "as it was typed");
    assert_eq!(told["members"][0]["identity_number"], identity_number("19650312", 1));
    assert_eq!(told["phone"], "0595-85660137转801、13805950137");
    for query in [
        json!({ "name": "买买提·吐尔逊" }),
        json!({ "name": "买买提・吐尔逊" }),
        json!({ "name": "买买提．吐尔逊" }),
        json!({ "name": "买买提‧吐尔逊" }),
        json!({ "name": "买买提∙吐尔逊" }),
        json!({ "name": "买买提 吐尔逊" }),
        json!({ "phone": "0595-85660137" }),
        json!({ "phone": "059585660137" }),
        json!({ "phone": "85660137" }),
        json!({ "phone": "+86 138 0595 0137" }),
        json!({ "identity_number": wide(&identity_number("19650312", 1)) }),
    ] {
        let found = village.post("/households/search", query.clone()).await.is(200);
        assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &made["id"]), "{query}");
    }
    let others = [json!({ "name": "买买提" }), json!({ "phone": "85660138" }), json!({ "phone": "13805950138" })];
    for query in others {
        assert_eq!(village.post("/households/search", query).await.is(200)["total"], 0);
    }
    village.post("/households", file).await.fault("/members/0/identity_number", "known_elsewhere");
    let visits = format!("{}/visits", made.path());
    let said = async |note: &str| village.post(&visits, with(visit(), "/note", json!(note))).await;
    said("买买提 吐尔逊已出院").await.fault("/note", "personal_data");
    // The landline of a family may be that of an office.
    said("改打8566 0137").await.refused(PerhapsPersonal);
    // Once the numbers are gone, nobody finds the family by them.
    village.patch(&made.path(), json!({ "phone": "0595-85660137" })).if_match(&made.etag()).await.is(200);
    assert_eq!(village.post("/households/search", json!({ "phone": "13805950137" })).await.is(200)["total"], 0);
});

both_databases!(days_sums_offices_and_everyday_words_name_nobody, async |app| {
    let village = app.village_a();
    let mut file = household(VILLAGE_A, 1);
    (file["members"][0]["name"], file["members"][1]["name"]) = (json!("王主"), json!("高兴"));
    file["consent"]["given_by"] = json!("户主");
    let made = village.post("/households", file).await.is(201);
    let visits = format!("{}/visits", made.path());
    for (pointer, words) in [
        ("/note", "2020-11-03 500元慰问金"),
        ("/note", "2018 2019 2020 三年均为低保"),
        ("/note", "老人很高兴"),
        ("/note", "户主病情稳定"),
        ("/note", "镇民政办 0595-85661234"),
        ("/visitors", "王主任"),
    ] {
        village.post(&visits, with(visit(), pointer, json!(words))).await.is(201);
    }
    for (pointer, words, code) in [
        ("/note", "慰问高兴500元", "personal_data"),
        ("/note", "到王主家", "personal_data"),
        ("/note", "138.0013.8000", "personal_number"),
        ("/note", "１３８－００１３－８０００", "personal_number"),
    ] {
        village.post(&visits, with(visit(), pointer, json!(words))).await.fault(pointer, code);
    }
});

both_databases!(a_household_goes_through_its_statuses_by_date, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let step = |action: &str| format!("{}/{action}", made.path());
    assert_eq!(made["allowed_actions"], json!(["assist"]));
    village.post(&step("relapse"), json!({ "note": "病情复发" })).await.refused(IllegalStep);
    village.post(&step("assist"), json!({ "since": "2020-04-15" })).await.fault("/since", "before_status");
    village.post(&step("assist"), json!({ "since": "2020-04-21" })).await.fault("/since", "future");
    village.post(&step("assist"), json!({ "since": "2020-04-18" })).await.is(200);
    app.clock.set(noon("2020-11-20"));
    village.post(&step("lift_out"), json!({ "note": "收入稳定" })).await.refused(Forbidden);
    app.town_b().post(&step("lift_out"), json!({ "note": "收入稳定" })).await.refused(NotFound);
    app.town_a().post(&step("lift_out"), json!({})).await.fault("/note", "required");
    let out = app.town_a().post(&step("lift_out"), json!({ "note": "收入稳定" })).await.is(200);
    assert_eq!((&out["status"], &out["status_since"]), (&json!("lifted_out"), &json!("2020-11-20")));
    let told = village.get(&step("statuses")).await.is(200);
    let since: Vec<_> =
        told.body.as_array().unwrap().iter().map(|entry| (entry["status"].as_str(), entry["since"].as_str())).collect();
    assert_eq!(
        since,
        [
            (Some("lifted_out"), Some("2020-11-20")),
            (Some("assisted"), Some("2020-04-18")),
            (Some("registered"), Some("2020-04-16"))
        ]
    );
    assert_eq!(app.bureau().get("/households?status=lifted_out").await.is(200)["total"], 1);
    assert_eq!(app.bureau().get("/households?status=assisted").await.is(200)["total"], 0);
});

both_databases!(what_a_file_lacks_waits_for_those_who_keep_it, async |app| {
    let (village, town) = (app.village_a(), app.town_a());
    let made = village.post("/households", with(household(VILLAGE_A, 1), "/phone", Value::Null)).await.is(201);
    assert_eq!(made["missing"], json!(["phone"]));
    village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    for keeper in [&village, &town] {
        let work = keeper.get("/work-items").await.is(200);
        assert_masked(&work);
        let [group] = work["groups"].as_array().unwrap().as_slice() else { panic!("one kind: {}", work.body) };
        assert_eq!((&group["kind"], &group["total"]), (&json!("complete_households"), &json!(1)));
        assert_eq!(group["items"][0]["id"], made["id"]);
        assert!(group["items"][0]["title"].as_str().unwrap().ends_with("联系电话"), "{group}");
        assert_eq!(keeper.get(group["records"].as_str().unwrap()).await.is(200)["total"], 1);
    }
    let phone = json!({ "phone": "13805950137" });
    village.patch(&made.path(), phone).if_match(&made.etag()).await.is(200);
    assert_eq!(village.get("/work-items").await.is(200)["groups"], json!([]));
});

both_databases!(everyday_filters_find_what_they_say, async |app| {
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let mut second = household(VILLAGE_B, 3);
    second["main_cause"] = json!("no_skills");
    second["category"] = json!("marginal");
    second["consent"] = Value::Null;
    second["members"][1]["groups"] = json!(["left_behind_child"]);
    app.town_b().post("/households", second).await.is(201);
    for (query, total) in [
        ("category=marginal", 1),
        ("cause=schooling", 2),
        ("cause=no_skills", 1),
        ("cause=no_land", 0),
        ("group=left_behind_child", 1),
        ("group=seriously_ill", 2),
        ("incomplete=true", 1),
        ("consented=true", 1),
        (&format!("within={TOWN_B}"), 1),
        ("q=%E6%B0%B8%E6%B9%96", 1),
        (&format!("q={VILLAGE_A}-0001"), 1),
        (&format!("q={VILLAGE_A}-0002"), 0),
        (&format!("q={VILLAGE_A}-99999999999999"), 0),
        ("q=%E8%AE%B8%E6%B8%85%E6%B0%B4", 0),
    ] {
        assert_eq!(app.bureau().get(&format!("/households?{query}")).await.is(200)["total"], total, "{query}");
    }
});

both_databases!(members_are_listed_where_they_are_asked_for_as_masked_as_in_the_file, async |app| {
    let paired = app.active(campaign(), "2020-04-18").await;
    for order in [1, 3, 5] {
        let made = app.village_a().post("/households", household(VILLAGE_A, order)).await.is(201);
        app.helps(paired["campaign_id"].as_str().unwrap(), &made.id()).await;
    }
    for who in [Bureau, TownA, VillageA, OrganisationA] {
        let client = app.as_(who);
        let plain = client.get("/households").await.is(200);
        assert!(plain.items().iter().all(|household| household.get("members").is_none()), "{who:?}");
        let listed = client.get("/households?members=true").await.is(200);
        assert_masked(&listed);
        assert_eq!(listed.items().len(), 3, "{who:?}");
        for household in listed.items() {
            let file = client.get(&format!("/households/{}", household["id"].as_str().unwrap())).await.is(200);
            assert_eq!(household["members"], file["members"], "{who:?}");
        }
    }
    let cost = async |query: &str| {
        app.statements.take();
        app.village_a().get(&format!("/households?members=true{query}")).await.is(200);
        app.statements.take().len()
    };
    assert_eq!(cost("&limit=1").await, cost("&limit=2").await);
});

both_databases!(the_last_day_that_is_in_time_is_in_time, async |app| {
    // Today is the twentieth, so nothing can have happened tomorrow.
    let village = app.village_a();
    let file = |pointer: &str, day: &str| with(household(VILLAGE_A, 1), pointer, json!(day));
    for pointer in ["/registered_on", "/consent/given_on", "/consent/withdrawn_on"] {
        village.post("/households", file(pointer, "2020-04-21")).await.fault(pointer, "future");
    }
    let early = file("/consent/withdrawn_on", "2020-04-15");
    village.post("/households", early).await.fault("/consent/withdrawn_on", "end_before_start");
    let born = with(file("/members/1/identity_number", ""), "/members/1/identity_number", Value::Null);
    let born = |day: &str| with(born.clone(), "/members/1/born_on", json!(day));
    village.post("/households", born("2020-04-21")).await.fault("/members/1/born_on", "future");
    let mut all = born("2020-04-20");
    for pointer in ["/registered_on", "/consent/given_on", "/consent/withdrawn_on"] {
        all = with(all, pointer, json!("2020-04-20"));
    }
    village.post("/households", all).await.is(201);

    let made = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let step = async |action: &str, since: &str| {
        let said = json!({ "since": since, "note": "入户核查" });
        app.town_a().post(&format!("{}/{action}", made.path()), said).await
    };
    // A status cannot begin before the one it follows, nor after today.
    step("assist", "2020-04-15").await.fault("/since", "before_status");
    step("assist", "2020-04-21").await.fault("/since", "future");
    step("assist", "2020-04-16").await.is(200);
    step("lift_out", "2020-04-20").await.is(200);
    for (day, status) in [("2020-04-20", 201), ("2020-04-21", 422)] {
        let visit = with(visit(), "/visited_on", json!(day));
        village.post(&format!("{}/visits", made.path()), visit).await.is(status);
    }
    // Readings from an hour ago no longer count towards the limit; a second earlier they still do.
    let reveal = async || app.bureau().post(&format!("{}/reveal", made.path()), json!({ "purpose": "verification" })).await;
    for _ in 0..60 {
        reveal().await.is(200);
    }
    let hour = TimeDelta::hours(1);
    app.clock.set(instant(NOW) + hour - TimeDelta::seconds(1));
    reveal().await.refused(TooManyRequests);
    app.clock.set(instant(NOW) + hour);
    reveal().await.is(200);
});
