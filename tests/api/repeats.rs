//! Versions and repeats: If-Match, If-None-Match, Idempotency-Key.

use std::future::IntoFuture;

use contract::ErrorCode::*;
use contract::{CodedEnum, ObjectKind};
use domains::auth;
use futures_util::future::join;
use platform::Tx;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseBackend, EntityTrait};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::both_databases;
use crate::support::*;

both_databases!(a_change_names_the_version_it_changes, async |app| {
    let bureau = app.bureau();
    let seen = bureau.get(&app.organisation_a_path()).await.is(200);
    let change = |count: i32| bureau.patch(&seen.path(), json!({ "member_count": count }));
    change(1).await.refused(PreconditionRequired);
    change(1).if_match("\"7\"").await.refused(StaleVersion);
    change(1).if_match("\"not one of ours\"").await.refused(StaleVersion);
    assert_eq!(bureau.get(&seen.path()).await.is(200)["version"], 1);
    let changed = change(2).if_match(&seen.etag()).await.is(200);
    change(3).if_match(&seen.etag()).await.refused(StaleVersion);
    // The tag in the answer of a change serves for the next change, also as the weak tag that a proxy makes of it.
    change(4).if_match(&format!("W/{}", changed.etag())).await.is(200);
    assert_eq!(bureau.get(&seen.path()).await.is(200)["member_count"], 4);
});

both_databases!(a_change_may_name_several_versions_or_any, async |app| {
    let bureau = app.bureau();
    let seen = bureau.get(&app.organisation_a_path()).await.is(200);
    let change = |count: i32| bureau.patch(&seen.path(), json!({ "member_count": count }));
    change(1).if_match(&format!("\"theirs\", {}", seen.etag())).await.is(200);
    change(2).if_match(&format!("{}, \"2\"", seen.etag())).await.is(200);
    change(3).header("If-Match", "\"1\"").header("If-Match", "\"3\"").await.is(200);
    change(4).if_match("\"1\", \"3\"").await.refused(StaleVersion);
    for length in ["".to_owned(), format!("\"{}\"", "1".repeat(99))] {
        change(5).if_match(&length).await.fault("/If-Match", "length");
    }
    // `*` stands for any version. It matches nothing if the object does not exist.
    change(5).if_match("*").await.is(200);
    bureau.patch("/organisations/0190a000-0000-7000-8000-000000000000", json!({})).if_match("*").await.refused(NotFound);
    assert_eq!(bureau.get(&seen.path()).await.is(200)["member_count"], 5);
});

// A new kind of object needs a rule for who may get the answer to a repeat.
both_databases!(of_whatever_is_made_it_is_known_who_may_be_told_again, async |app| {
    let bureau = app.world.accounts[&Who::Bureau].session_id;
    let caller = auth::service::caller(&app.app.database.read, bureau, app.clock.now()).await.expect("the bureau");
    let tx = Tx::of(&app.app, caller).await.expect("a transaction");
    let known = async |collection: &str| match app.app.host.check_readable(&tx, collection, uuid::Uuid::nil()).await {
        Ok(()) => true,
        Err(error) => error.code == NotFound,
    };
    let mut made = 0;
    for (path, methods) in document()["paths"].as_object().expect("paths") {
        let answers =
            methods.as_object().expect("methods").values().filter_map(|method| method["responses"].as_object()).flatten();
        if answers.into_iter().any(|(_, answer)| answer["headers"]["Location"].is_object()) {
            made += 1;
            let collection = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next()).expect("a collection");
            assert!(known(collection).await, "{path}");
        }
    }
    assert!(made >= 17, "only {made}: are they still found?");
    for kind in ObjectKind::ALL {
        assert!(known(&kind.path()[1..]).await, "{kind:?}");
    }
    assert!(!known("anything-else").await);
});

both_databases!(a_repeat_that_waits_too_long_is_told_why, async |app| {
    // The first request takes longer than a repeat waits.
    let key = platform::change::repeats::ActiveModel {
        id: Set(uuid::Uuid::now_v7()),
        caller_id: Set(app.world.accounts[&Who::Bureau].user_id),
        key: Set("slow".to_owned()),
        fingerprint: Set(vec![0]),
        status: Set(0),
        created_at: Set(instant(NOW)),
        ..Default::default()
    };
    let first = app.app.database.begin().await.expect("a transaction");
    key.insert(&first).await.expect("the key is taken");
    let repeat = app.bureau().post("/organisations", organisation(10, TOWN_A)).key("slow").await;
    // SQLite has a single writer, so the repeat cannot even look up its key.
    let refused =
        repeat.refused(if app.app.database.backend() == DatabaseBackend::Postgres { RequestInProgress } else { Unavailable });
    assert!(refused.header("retry-after").is_some());
});

both_databases!(what_has_not_changed_is_not_sent_again, async |app| {
    let bureau = app.bureau();
    for path in [app.organisation_a_path(), "/organisations".to_owned()] {
        let seen = bureau.get(&path).await.is(200);
        let same = bureau.get(&path).header("If-None-Match", seen.etag()).await.is(304);
        assert!(same.bytes.is_empty());
        assert_eq!(same.etag(), seen.etag());
        bureau.get(&path).header("If-None-Match", format!("\"x\", W/{}", seen.etag())).await.is(304);
        bureau.get(&path).header("If-None-Match", "\"x\"").await.is(200);
        // Another caller may see a different representation.
        let other = app.as_(Who::OrganisationB).get(&path).await.is(200);
        assert_eq!(other.etag() == seen.etag(), other.body == seen.body);
    }
    let seen = bureau.get(&app.organisation_a_path()).await.is(200);
    bureau.patch(&seen.path(), json!({ "member_count": 5 })).if_match(&seen.etag()).await.is(200);
    bureau.get(&seen.path()).header("If-None-Match", seen.etag()).await.is(200);
});

both_databases!(a_repeat_gets_the_first_answer, async |app| {
    let bureau = app.bureau();
    let first = bureau.post("/organisations", organisation(10, TOWN_A)).key("once").await.is(201);
    let again = bureau.post("/organisations", organisation(10, TOWN_A)).key("once").await.is(201);
    assert_eq!((first.path(), &first.body, first.etag()), (again.path(), &again.body, again.etag()));
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, 4);
    bureau.post("/organisations", organisation(11, TOWN_A)).key("once").await.refused(IdempotencyKeyReused);
    bureau.post("/campaigns", campaign()).key("once").await.refused(IdempotencyKeyReused);
    // Keys are separate for each caller.
    app.town_a().post("/organisations", organisation(12, TOWN_A)).key("once").await.is(201);
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, 5);
    // A key is stored for a day.
    app.clock.set(instant(NOW) + chrono::TimeDelta::hours(25));
    bureau.post("/organisations", organisation(13, TOWN_A)).key("once").await.is(201);
});

both_databases!(a_refusal_does_not_use_up_its_key, async |app| {
    let bureau = app.bureau();
    let spoilt = with(organisation(10, TOWN_A), "/credit_code", json!(credit_code(1)));
    bureau.post("/organisations", spoilt).key("k").await.fault("/credit_code", "taken");
    bureau.post("/organisations", organisation(10, TOWN_A)).key("k").await.is(201);
    bureau.post("/organisations", organisation(11, TOWN_A)).key(&"k".repeat(101)).await.fault("/Idempotency-Key", "length");
    bureau.post("/organisations", organisation(11, TOWN_A)).key("").await.fault("/Idempotency-Key", "length");
});

both_databases!(two_repeats_at_once_make_one_object, async |app| {
    let bureau = app.bureau();
    let send = || bureau.post("/organisations", organisation(10, TOWN_A)).key("race").into_future();
    let (a, b) = join(send(), send()).await;
    let (a, b) = (a.is(201), b.is(201));
    assert_eq!(a.body, b.body);
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, 4);
    assert_eq!(bureau.get(&format!("{}/history", a.path())).await.is(200)["total"], 1);
});

both_databases!(what_is_kept_for_repeats_tells_nobody_who_a_family_is, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let (village, organisation) = (app.village_a(), app.organisation_a());
    let plan = json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() });
    let plan = village.post("/assistance-plans", plan).key("plan").await.is(201);
    let visit = json!({ "visited_on": "2020-04-20", "visitors": "陈来访", "note": "学费尚缺三千元" });
    let calls = [
        (&village, "/households".to_owned(), household(VILLAGE_A, 3)),
        (&village, format!("{}/visits", family.path()), visit),
        (&village, "/assistance-measures".to_owned(), measure(&plan.id())),
        (&organisation, "/assistance-records".to_owned(), gift(&family.id())),
    ];
    for (number, (client, path, body)) in calls.iter().enumerate() {
        let first = client.post(path, body.clone()).key(&format!("k{number}")).await.is(201);
        let again = client.post(path, body.clone()).key(&format!("k{number}")).await.is(201);
        assert_eq!((first.body, first.status), (again.body, again.status), "a repeat gets the whole answer");
    }
    let mut written = app.bytes_written().await;
    let told = ["陈来访", "学费尚缺", "资助长女学费", "看望老人", "大米"];
    assert_eq!(secrets::told(&written, told), [""; 0], "on the disk");

    // The stored digest does not let anybody test a guess of the body.
    let kept = platform::change::repeats::Entity::find().all(&app.app.database.read).await.unwrap();
    assert_eq!(kept.len(), 5);
    for row in kept {
        written.extend(row.fingerprint);
    }
    for (_, path, body) in &calls {
        let body = Sha256::digest(body.to_string());
        let request = Sha256::new().chain_update("POST").chain_update(format!("/api/v1{path}")).chain_update(body).finalize();
        for digest in [body, request] {
            assert!(!written.windows(32).any(|window| window == &*digest));
        }
    }
});

both_databases!(a_repeat_by_who_has_another_place_by_now_is_told_nothing, async |app| {
    // They enter a file and a record, and then are moved.
    let (family, pairing) = app.helped(campaign(), 1).await;
    let village = app.village_a();
    let organisation = app.organisation_a();
    let send = async |client: &Client, path: &str, body: &serde_json::Value| client.post(path, body.clone()).key("once").await;
    let files = household(VILLAGE_A, 3);
    let records = gift(&family.id());
    send(&village, "/households", &files).await.is(201);
    send(&organisation, "/assistance-records", &records).await.is(201);
    // An administrator would do this, but it would end the session.
    let organisation_b = "(SELECT organisation_id FROM users WHERE account = 'organisationb')";
    app.sql(&format!("UPDATE users SET area_code = '{VILLAGE_B}' WHERE account = 'villagea'")).await;
    app.sql(&format!("UPDATE users SET organisation_id = {organisation_b} WHERE account = 'organisationa'")).await;
    for (client, path, body) in [(&village, "/households", &files), (&organisation, "/assistance-records", &records)] {
        let again = send(client, path, body).await.refused(IdempotencyKeyReused);
        assert!(!String::from_utf8_lossy(&again.bytes).contains("许"), "{}", again.body);
    }
    // The same place in another role counts as another caller too.
    let kept =
        app.town_a().post("/assistance-plans", json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() }));
    kept.key("role").await.is(201);
    app.sql("UPDATE users SET role = 'village' WHERE account = 'towna'").await;
    let again =
        app.town_a().post("/assistance-plans", json!({ "campaign_id": pairing["campaign_id"], "household_id": family.id() }));
    again.key("role").await.refused(IdempotencyKeyReused);
    assert_eq!(app.number("SELECT COUNT(*) FROM households").await, 2);
});

both_databases!(a_repeat_after_the_family_has_withdrawn_is_told_nothing_of_it, async |app| {
    let (family, pairing) = app.helped(campaign(), 1).await;
    let (village, organisation) = (app.village_a(), app.organisation_a());
    let second = village.post("/households", household(VILLAGE_A, 3)).await.is(201);
    let campaign_id = pairing["campaign_id"].as_str().expect("an id");
    let proposal =
        json!({ "campaign_id": campaign_id, "organisation_id": app.world.organisation_a, "household_id": second.id() });
    let proposed = village.post("/pairings", proposal).await.is(201);
    let (bytes, accept) = (picture(image::ImageFormat::Jpeg), format!("{}/accept", proposed.path()));
    let give = || organisation.post("/assistance-records", gift(&family.id())).key("gift");
    let given = give().await.is(201).id();
    let fields = [("object_type", "assistance_records"), ("object_id", &*given)];
    let attach = || organisation.upload("/attachments", &fields, ("a.jpg", "image/jpeg", &bytes)).key("photo");
    let answer = || organisation.post(&accept, json!({})).key("accept");
    attach().await.is(201);
    answer().await.is(200);
    for one in [answer().await.is(200), give().await.is(201), attach().await.is(201)] {
        assert!(one.header("etag").is_some(), "while it consents, a repeat is told everything");
    }
    for file in [&family, &second] {
        let withdraw = json!({ "consent": { "withdrawn_on": "2020-04-20" } });
        village.patch(&file.path(), withdraw).if_match("*").await.is(200);
    }
    // An upload checks its object before its key, and the record no longer exists for the organisation.
    for (again, code) in
        [(give().await, IdempotencyKeyReused), (attach().await, NotFound), (answer().await, IdempotencyKeyReused)]
    {
        let again = again.refused(code);
        let said = String::from_utf8_lossy(&again.bytes).into_owned();
        assert!(!said.contains("许") && !said.contains(&*family.id()) && !said.contains("minimum_living"), "{said}");
    }
    // Those who keep the file get the answer to a repeat.
    let visits = format!("{}/visits", second.path());
    village.post(&visits, visit()).key("visit").await.refused(HouseholdNotConsented);
});
