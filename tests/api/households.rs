//! Household files: kept, masked, found, read in full.

use std::future::IntoFuture;

use chrono::TimeDelta;
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

/// What must not be found where it does not belong.
const SECRETS: &[&str] = &["许清水", "许小荷", "新厝角落", "13805950137", "6217001850012345678", "19650312", "20120601"];

#[track_caller]
fn assert_masked(answer: &Answer) {
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
    for nobody in [Who::LeadingGroup, Who::Cadre, Who::Auditor, Who::Admin] {
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
        ("/members/0/identity_number", json!("11010519491231002x"), "/members/0/identity_number", "identity_number_format"),
        (
            "/members/0/identity_number",
            json!("１１０１０５１９４９１２３１００２Ｘ"),
            "/members/0/identity_number",
            "identity_number_format",
        ),
        ("/members/0/identity_number", json!(identity_number("20200421", 1)), "/members/0/identity_number", "future"),
        ("/members/1/identity_number", json!(identity_number("19650312", 1)), "/members/1/identity_number", "duplicate"),
        ("/members/0/sex", json!("female"), "/members/0/sex", "differs_from_identity_number"),
        ("/members/0/born_on", json!("1965-03-13"), "/members/0/born_on", "differs_from_identity_number"),
        ("/members/0/name", json!("许**"), "/members/0/name", "person_name"),
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
    let outside = app.as_(Who::VillageB).post("/households", other.clone()).await;
    assert!(!named(&outside) && !outside.body.to_string().contains("永湖"), "outside of it nothing is said but that");
    outside.fault("/members/1/identity_number", "known_elsewhere");

    // Two who enter the same person at once: one wins.
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
    village.patch(&path, json!({ "village_code": VILLAGE_B })).if_match(&changed.etag()).await.fault("/village_code", "fixed");
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

both_databases!(a_file_is_read_in_full_with_a_purpose_that_is_kept, async |app| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let reveal = format!("{}/reveal", made.path());
    app.bureau().post(&reveal, json!({})).await.fault("/purpose", "required");
    app.bureau().post(&reveal, json!({ "purpose": "curiosity" })).await.fault("/purpose", "type");
    let told = app.bureau().post(&reveal, json!({ "purpose": "payment", "note": "春节慰问金" })).key("again").await.is(200);
    assert_eq!(told.header("cache-control"), Some("no-store"));
    assert_eq!((&told["phone"], &told["bank_account"]), (&json!("13805950137"), &json!("6217001850012345678")));
    assert_eq!(told["members"][0]["identity_number"], identity_number("19650312", 1));
    assert_eq!(told["members"][1]["identity_number"], Value::Null, "a child's number is not for paying out");
    assert_eq!(told["members"][1]["born_on"], Value::Null);
    let verified = app.bureau().post(&reveal, json!({ "purpose": "verification" })).await.is(200);
    assert_eq!(verified["members"][1]["identity_number"], identity_number("20120601", 1));
    app.town_b().post(&reveal, json!({ "purpose": "visit" })).await.refused(NotFound);
    for nobody in [Who::LeadingGroup, Who::OrganisationA, Who::Cadre, Who::Auditor, Who::Admin] {
        app.as_(nobody).post(&reveal, json!({ "purpose": "visit" })).await.refused(Forbidden);
    }
    let history = app.bureau().get(&format!("{}/history", made.path())).await.is(200);
    let [_, paid, _] = history.items() else { panic!("two reveals and the opening") };
    assert_eq!((&paid["action"], &paid["note"], &paid["actor_role"]), (&json!("reveal"), &json!("春节慰问金"), &json!("bureau")));
    assert_eq!(paid["changes"][0]["to"], "payment");
    assert_eq!(app.number("SELECT COUNT(*) FROM idempotency_keys").await, 0, "no answer in full is kept for repeats");
});

both_databases!(nobody_reads_file_after_file, async |app| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let reveal = format!("{}/reveal", made.path());
    for _ in 0..55 {
        app.bureau().post(&reveal, json!({ "purpose": "verification" })).await.is(200);
    }
    // Of those who ask at once, no more are let in than one after the other.
    let bureau = app.bureau();
    let at_once = join_all((0..15).map(|_| bureau.post(&reveal, json!({ "purpose": "verification" })).into_future())).await;
    assert_eq!(at_once.iter().filter(|answer| answer.status == 200).count(), 5);
    let refused = app.bureau().post(&reveal, json!({ "purpose": "verification" })).await.refused(TooManyRequests);
    assert!(refused.header("retry-after").is_some());
    app.town_a().post(&reveal, json!({ "purpose": "verification" })).await.is(200);
    app.clock.set(noon("2020-04-21"));
    app.bureau().post(&reveal, json!({ "purpose": "verification" })).await.is(200);
});

both_databases!(a_family_is_found_by_number_telephone_and_full_name_in_one_s_area, async |app| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let by = [
        json!({ "identity_number": identity_number("20120601", 1) }),
        json!({ "phone": "13805950137" }),
        json!({ "name": "许清水" }),
        json!({ "name": "许小荷", "within": VILLAGE_A }),
    ];
    for query in &by {
        for reader in [app.bureau(), app.town_a(), app.village_a()] {
            let found = reader.post("/households/search", query.clone()).await.is(200);
            assert_eq!((&found["total"], &found.items()[0]["id"]), (&json!(1), &made["id"]));
            assert_masked(&found);
        }
        assert_eq!(app.town_b().post("/households/search", query.clone()).await.is(200)["total"], 0);
        app.organisation_a().post("/households/search", query.clone()).await.refused(Forbidden);
        app.as_(Who::Admin).post("/households/search", query.clone()).await.refused(Forbidden);
    }
    for (query, pointer, code) in [
        (json!({}), "", "one_of_three"),
        (json!({ "name": "许清水", "phone": "13805950137" }), "", "one_of_three"),
        (json!({ "name": "许*" }), "/name", "person_name"),
        (json!({ "identity_number": "110105194912310021" }), "/identity_number", "check_digit"),
        (json!({ "within": "35058", "name": "许清水" }), "/within", "area_code"),
    ] {
        app.bureau().post("/households/search", query).await.fault(pointer, code);
    }
    for part in ["许", "清水", "许清"] {
        assert_eq!(app.bureau().post("/households/search", json!({ "name": part })).await.is(200)["total"], 0);
    }
    let kept = app.texts("SELECT CAST(changes AS TEXT) FROM audit_events WHERE action = 'search'").await;
    assert!(kept.len() > 12 && kept.iter().all(|entry| SECRETS.iter().all(|secret| !entry.contains(secret))), "{kept:?}");
    let elsewhere = json!({ "name": "许小荷", "within": VILLAGE_B });
    assert_eq!(app.bureau().post("/households/search", elsewhere).await.is(200)["total"], 0);
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

both_databases!(visits_are_written_down_and_name_nobody, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let visits = format!("{}/visits", made.path());
    let second = village.post(&visits, visit()).key("once").await.is(201);
    assert_eq!(village.post(&visits, visit()).key("once").await.is(201)["id"], second["id"]);
    let first = with(visit(), "/visited_on", json!("2020-04-17"));
    app.town_a().post(&visits, first).await.is(201);
    let told = app.bureau().get(&visits).await.is(200);
    let days: Vec<_> = told.items().iter().map(|visit| visit["visited_on"].as_str().unwrap()).collect();
    assert_eq!(days, ["2020-04-19", "2020-04-17"], "the latest first");
    assert_eq!(told.items()[0]["note"], visit()["note"]);
    assert_eq!(told.items()[1]["recorded_by"], app.town_a().get("/me").await.is(200)["display_name"]);

    for (pointer, value, code) in [
        ("/visited_on", json!("2020-04-21"), "future"),
        ("/visited_on", json!("1899-04-21"), "date_out_of_range"),
        ("/visitors", json!(" "), "blank"),
        ("/note", json!("许清水已出院"), "personal_data"),
        ("/note", json!("许小荷成绩良好"), "personal_data"),
        ("/note", json!("电话改为138 0595 0999"), "personal_number"),
        ("/note", json!("身份证１１０１０５１９４９１２３１００２"), "personal_data"),
        ("/visitors", json!("村两委 13805950137"), "personal_number"),
    ] {
        village.post(&visits, with(visit(), pointer, value)).await.fault(pointer, code);
    }
    village.post(&visits, with(visit(), "/note", json!("2020年4月19日入户，补贴12000元已到账"))).await.is(201);
    app.bureau().post(&visits, visit()).await.refused(Forbidden);
    app.town_b().post(&visits, visit()).await.refused(NotFound);
    app.town_b().get(&visits).await.refused(NotFound);

    let seen = async |query: &str| app.bureau().get(&format!("/households?{query}")).await.is(200)["total"].clone();
    assert_eq!((seen("not_visited_since=2020-04-19").await, seen("not_visited_since=2020-04-20").await), (json!(0), json!(1)));

    // What was written wrongly is corrected by another one, and stays to be seen.
    let third = app.bureau().get(&visits).await.is(200).items()[0].clone();
    let right = with(with(visit(), "/visited_on", json!("2020-04-10")), "/corrects_id", third["id"].clone());
    village.post(&visits, with(right.clone(), "/note", json!("许清水已出院"))).await.fault("/note", "personal_data");
    village.post(&visits, with(right.clone(), "/corrects_id", made["id"].clone())).await.fault("/corrects_id", "unknown");
    let corrected = village.post(&visits, right.clone()).await.is(201);
    assert_eq!((&corrected["corrects_id"], &corrected["corrected_by_id"]), (&third["id"], &Value::Null));
    village.post(&visits, right.clone()).await.refused(AlreadyCorrected);
    let told = app.bureau().get(&visits).await.is(200);
    let of = |id: &Value| told.items().iter().find(|visit| visit["id"] == *id).unwrap().clone();
    assert_eq!((told.items().len(), &of(&third["id"])["corrected_by_id"]), (4, &corrected["id"]));
    assert_eq!((&of(&second["id"])["corrected_by_id"], &of(&third["id"])["note"]), (&Value::Null, &third["note"]));
    village.post(&visits, with(right, "/corrects_id", corrected["id"].clone())).await.is(201);
    // One that was corrected does not say that anybody came.
    let wrong = with(with(visit(), "/visited_on", json!("2020-04-12")), "/corrects_id", second["id"].clone());
    village.post(&visits, wrong).await.is(201);
    assert_eq!((seen("not_visited_since=2020-04-17").await, seen("not_visited_since=2020-04-18").await), (json!(0), json!(1)));
    let other = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let foreign = with(visit(), "/corrects_id", told.items()[0]["id"].clone());
    village.post(&format!("{}/visits", other.path()), foreign).await.fault("/corrects_id", "unknown");
    let kept = app.texts("SELECT CAST(changes AS TEXT) FROM audit_events WHERE action IN ('visit', 'correct_visit')").await;
    assert!(kept.len() == 6 && kept.iter().all(|entry| !entry.contains("学费")), "{kept:?}");
});

both_databases!(what_is_attached_to_a_file_is_sealed_nameless_and_read_for_a_purpose, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let id = made.id();
    let fields = [("object_type", "households"), ("object_id", &*id)];
    let card = paper("许清水 350582196503120012");
    let file = ("许清水身份证.pdf", "application/pdf", &*card);
    let attached = village.upload("/attachments", &fields, file).await.is(201);
    assert_masked(&attached);
    assert!(attached["file_name"].as_str().unwrap().ends_with(".pdf"));
    assert_eq!(attached["size"], card.len());
    for (reader, refusal) in
        [(Who::Bureau, OutsideOwnScope), (Who::TownB, NotFound), (Who::OrganisationA, Forbidden), (Who::Auditor, Forbidden)]
    {
        app.as_(reader).upload("/attachments", &fields, file).await.refused(refusal);
    }
    let paired = app.active(campaign(), "2020-04-18").await;
    app.helps(paired["campaign_id"].as_str().unwrap(), &made.id()).await;
    let list = format!("/attachments?object_type=households&object_id={id}");
    app.organisation_a().get(&made.path()).await.is(200);
    app.organisation_a().get(&list).await.refused(Forbidden);
    app.organisation_a().get(&format!("{}?purpose=visit", attached.path())).await.refused(NotFound);
    assert_eq!(app.bureau().get(&list).await.is(200)["total"], 1);

    app.bureau().get(&attached.path()).await.fault("/purpose", "required");
    let read = app.bureau().get(&format!("{}?purpose=verification", attached.path())).await.is(200);
    assert_eq!(read.bytes, card);
    assert!(!read.header("content-disposition").unwrap().contains("%E8%AE%B8"));
    let history = app.bureau().get(&format!("{}/history", made.path())).await.is(200);
    assert_masked(&history);
    let actions: Vec<_> = history.items().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["download", "assist", "attach", "create"]);
    let written = app.bytes_written().await;
    assert_eq!(secrets::told(&written, ["许清水", "350582196503120012"]), [""; 0], "on the disk");
    village.delete(&attached.path()).await.is(204);
});

both_databases!(papers_of_families_are_read_sixty_times_an_hour, async |app| {
    let families = app.families().await;
    let papers = [&families.card, &families.receipt];
    let read = async |number: usize| app.town_a().get(&format!("{}?purpose=verification", papers[number % 2].path())).await;
    let began = app.clock.now();
    for number in 0..60 {
        app.clock.set(began + TimeDelta::seconds(number as i64));
        read(number).await.is(200);
    }
    let refused = read(60).await.refused(TooManyRequests);
    assert!(refused.header("retry-after").is_some());
    let trail = "SELECT COUNT(*) FROM audit_events WHERE action = 'download'";
    assert_eq!(app.number(trail).await, 60);
    app.bureau().get(&format!("{}?purpose=verification", families.card.path())).await.is(200);
    // The first is an hour ago, the second is not yet.
    app.clock.set(began + TimeDelta::hours(1));
    read(61).await.is(200);
    read(62).await.refused(TooManyRequests);
});

both_databases!(no_remark_tells_who_a_family_is, async |app| {
    let village = app.village_a();
    let made = village.post("/households", household(VILLAGE_A, 1)).await.is(201);
    let at = |step: &str| format!("{}/{step}", made.path());
    village.post(&at("assist"), json!({ "note": "许清水同意" })).await.fault("/note", "personal_data");
    let note = json!({ "purpose": "visit", "note": "打13805950137联系" });
    village.post(&at("reveal"), note).await.fault("/note", "personal_number");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit_events WHERE action IN ('reveal', 'assist')").await, 0);
    village.post(&at("assist"), json!({ "note": "长女患病" })).await.is(200);
    assert_eq!(village.get(&at("statuses")).await.is(200).body[0]["note"], "长女患病");
    let paired = app.active(campaign(), "2020-04-18").await;
    app.helps(paired["campaign_id"].as_str().unwrap(), &made.id()).await;
    let told = app.organisation_a().get(&at("statuses")).await.is(200);
    assert_eq!((&told.body[0]["status"], &told.body[0]["note"]), (&json!("assisted"), &Value::Null));
    app.organisation_a().get(&at("visits")).await.refused(Forbidden);
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

both_databases!(an_organisation_sees_the_families_it_helps_and_no_numbers, async |app| {
    let village = app.active(campaign(), "2020-04-18").await;
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    let organisation = app.organisation_a();
    organisation.get(&made.path()).await.refused(NotFound);
    let pairing = app.confirmed_with(village["campaign_id"].as_str().unwrap(), &made.id()).await;
    organisation.get(&made.path()).await.refused(NotFound);
    app.town_a().post(&format!("{}/activate", pairing.path()), json!({})).await.is(200);
    let seen = organisation.get(&made.path()).await.is(200);
    assert_masked(&seen);
    assert!(!seen.body.to_string().contains("********"), "not even a masked number");
    for hidden in ["/bank_account", "/members/0/identity_number", "/members/0/health", "/members/0/sex", "/members/0/schooling"] {
        assert_eq!(seen.body.pointer(hidden), Some(&Value::Null), "{hidden}");
    }
    assert_eq!((&seen["editable"], &seen["revealable"], &seen["allowed_actions"]), (&json!(false), &json!(false), &json!([])));
    organisation.get(&format!("{}/history", made.path())).await.refused(Forbidden);
    app.as_(Who::OrganisationB).get(&made.path()).await.refused(NotFound);
    let now = app.village_a().get(&made.path()).await.is(200);
    let patch = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
    app.village_a().patch(&made.path(), patch).if_match(&now.etag()).await.is(200);
    organisation.get(&made.path()).await.refused(NotFound);
    assert_eq!(organisation.get("/households").await.is(200)["total"], 0);
});

both_databases!(the_bytes_on_disk_tell_nobody_who_a_family_is, async |app| {
    let made = app.village_a().post("/households", household(VILLAGE_A, 1)).key("once").await.is(201);
    app.bureau().post(&format!("{}/reveal", made.path()), json!({ "purpose": "visit" })).key("twice").await.is(200);
    app.bureau().post("/households/search", json!({ "name": "许清水" })).key("thrice").await.is(200);
    app.village_a().patch(&made.path(), json!({ "phone": "13805950138" })).if_match(&made.etag()).await.is(200);
    app.village_a().post(&format!("{}/visits", made.path()), visit()).await.is(201);
    let written = app.bytes_written().await;
    let secrets = SECRETS.iter().copied().chain(["13805950138", "学费尚缺"]);
    assert_eq!(secrets::told(&written, secrets), [""; 0], "on the disk");
    // What is looked through is the database.
    assert!(!secrets::told(&written, ["永湖村", made["village_code"].as_str().unwrap()]).is_empty());
});

both_databases!(what_became_of_a_household_is_found_by_the_household, async |app| {
    app.village_a().post("/households", household(VILLAGE_A, 1)).await.is(201);
    app.statements.take();
    app.bureau().get("/household-ledger?month=2020-04").await.is(200);
    let statements = app.statements.take();
    let counts: Vec<_> = statements.iter().filter(|statement| statement.sql.contains("household_statuses")).collect();
    assert!(counts.len() >= 3, "what moved, who is unhelped and who is helped twice");
    for statement in counts {
        let plan = app.query_plan(statement).await;
        let by_status =
            |line: &String| line.contains("household_statuses") && line.contains("(status=") || line.contains("Cond: ((status)");
        assert!(!plan.iter().any(by_status), "{}", plan.join("\n"));
    }
});

both_databases!(members_are_listed_where_they_are_asked_for_as_masked_as_in_the_file, async |app| {
    let paired = app.active(campaign(), "2020-04-18").await;
    for order in [1, 3, 5] {
        let made = app.village_a().post("/households", household(VILLAGE_A, order)).await.is(201);
        app.helps(paired["campaign_id"].as_str().unwrap(), &made.id()).await;
    }
    for who in [Who::Bureau, Who::TownA, Who::VillageA, Who::OrganisationA] {
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
    // Today is the twentieth; what happens tomorrow has not happened.
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
    // A status is since the day of the one before at the earliest, and since today at the latest.
    step("assist", "2020-04-15").await.fault("/since", "before_status");
    step("assist", "2020-04-21").await.fault("/since", "future");
    step("assist", "2020-04-16").await.is(200);
    step("lift_out", "2020-04-20").await.is(200);
    for (day, status) in [("2020-04-20", 201), ("2020-04-21", 422)] {
        let visit = with(visit(), "/visited_on", json!(day));
        village.post(&format!("{}/visits", made.path()), visit).await.is(status);
    }
    // What was read an hour ago does not count any more, and a second before it does.
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
