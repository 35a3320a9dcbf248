//! What of a family is shown to whom, and for what purpose; and that it is stored sealed.

use std::future::IntoFuture;

use chrono::TimeDelta;
use contract::ErrorCode::*;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{SECRETS, assert_masked};
use crate::both_databases;
use crate::support::*;

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
    // Simultaneous requests get no more through than requests one after the other.
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
        ("/note", json!("身份证１１０１０５１９４９１２３１００２"), "personal_number"),
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

    // Another visit corrects a wrong one, which stays visible.
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
    // A corrected visit does not count as a visit.
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
    // By now the first reading is an hour old, the second is not.
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
    // Proof that the search looks through the database at all.
    assert!(!secrets::told(&written, ["永湖村", made["village_code"].as_str().unwrap()]).is_empty());
});
