//! The audit trail: what auditors see, and whether tampering is found.

use baishe::modules::audit::command::{self, Command};
use baishe::modules::audit::seal;
use baishe::modules::audit::verify::{Finding, Head, Verdict, verify};
use contract::ErrorCode::*;
use contract::{Lang, labels};
use futures_util::future::{join, join_all};
use serde_json::json;
use uuid::Uuid;

use crate::both_databases;
use crate::support::*;

/// Something that leaves an event in the trail.
async fn act(app: &TestApp, what: &str) {
    let (bureau, path) = (app.bureau(), app.organisation_a_path());
    let seen = bureau.get(&path).await.is(200);
    bureau.patch(&path, json!({ "strengths": what })).if_match(&seen.etag()).await.is(200);
}

async fn sealed(app: &TestApp) -> u64 {
    seal::all(&app.app).await.expect("the trail is sealed")
}

async fn verdict(app: &TestApp) -> Verdict {
    verify(&app.app.database.read, &app.app.tokens, None).await.expect("a verdict")
}

async fn findings(app: &TestApp) -> Vec<Finding> {
    verdict(app).await.findings
}

/// The condition that a row is the one with this id, as each database writes it.
fn row(app: &TestApp, id: Uuid) -> String {
    match app.db {
        Db::Sqlite => format!("id = X'{}'", id.simple()),
        Db::Postgres => format!("id = '{id}'"),
    }
}

/// A trail of several blocks; the ids of its events by block.
async fn trail(app: &TestApp, blocks: usize, events: usize) -> Vec<Vec<Uuid>> {
    let mut ids = Vec::new();
    sealed(app).await;
    let first = verdict(app).await.blocks;
    for block in 0..blocks {
        for event in 0..events {
            act(app, &format!("助学 {block}/{event}")).await;
        }
        assert_eq!(sealed(app).await, events as u64);
        let number = first + block as u64 + 1;
        let page = app.as_(Who::Auditor).get("/audit-events?sort=at&limit=200&object_type=organisations").await.is(200);
        let of_block = page.items().iter().filter(|event| event["block"] == number);
        ids.push(of_block.map(|event| event["id"].as_str().expect("an id").parse().expect("a UUID")).collect());
    }
    ids
}

both_databases!(an_auditor_sees_who_did_what_and_from_where, async |app| {
    let auditor = app.as_(Who::Auditor);
    act(app, "助学").await;
    let events = auditor.get("/audit-events?object_type=organisations&action=update").await.is(200);
    let event = &events.items()[0];
    assert_eq!(
        (&event["actor_role"], &event["outcome"], &event["address"]),
        (&json!("bureau"), &json!("done"), &json!("127.0.0.1"))
    );
    assert_eq!(event["changes"][0]["to"], "助学");
    assert_eq!(event["block"], json!(null));
    let id = event["id"].as_str().expect("an id");
    auditor.get(&format!("/audit-events/{id}")).await.is(200);

    let bureau = app.world.accounts[&Who::Bureau].user_id;
    let request = event["request_id"].as_str().expect("a request");
    for (filter, found) in [
        (format!("actor_id={bureau}"), true),
        (format!("request_id={request}"), true),
        ("actor_role=bureau&outcome=done&since=2020-04-20&until=2020-04-20".to_owned(), true),
        ("until=2020-04-19".to_owned(), false),
        ("since=2020-04-21".to_owned(), false),
        (format!("actor_id={}", Uuid::nil()), false),
        ("outcome=refused".to_owned(), false),
    ] {
        let page = auditor.get(&format!("/audit-events?{filter}&limit=200")).await.is(200);
        assert_eq!(page.items().iter().any(|event| event["id"] == id), found, "{filter}");
    }
    auditor.get("/audit-events?object_type=Users!").await.fault("/object_type", "malformed");

    auditor.get("/audit-events/export").await.is(200);
    let exports = auditor.get("/audit-events?action=export&object_type=audit_events").await.is(200);
    assert_eq!(exports.items().len(), 1, "looking at the whole trail is an act");
});

both_databases!(what_the_trail_speaks_of_has_a_name_in_both_languages, async |app| {
    app.one_of_everything().await;
    for name in app.texts("SELECT action FROM audit_events UNION SELECT object_type FROM audit_events").await {
        for lang in [Lang::ZhCn, Lang::En] {
            assert!(labels::find(&name, lang).is_some(), "{name}: {lang:?}");
        }
    }
});

both_databases!(who_fails_to_sign_in_is_in_the_trail_without_what_was_typed, async |app| {
    let typed = json!({ "account": Who::TownA.account(), "password": "not-the-Password-1" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let typed = json!({ "account": "my-secret-password", "password": "oops-the-other-field" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let refused = app.as_(Who::Auditor).get("/audit-events?outcome=refused").await.is(200);
    let objects: Vec<_> = refused.items().iter().map(|event| event["object_id"].as_str().expect("an object")).collect();
    assert_eq!(objects, ["*", &app.world.accounts[&Who::TownA].user_id.to_string()]);
    assert!(refused.items().iter().all(|event| event["address"] == "127.0.0.1" && event["actor_id"].is_null()));
    assert!(!refused.body.to_string().contains("my-secret-password"));
});

both_databases!(a_trail_that_is_cut_off_at_its_end_is_found, async |app| {
    trail(app, 3, 2).await;
    let verified = async || command::run(&app.app, Command::Verify { head: None }).await.expect("a verdict");
    assert!(verified().await.1);
    let last = verdict(app).await.head.expect("a head").block;
    app.sql(&format!("DELETE FROM audit_events WHERE block = {last}")).await;
    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {last}")).await;
    let lost = format!("block {last}: not the one that was noted");
    let (told, good) = verified().await;
    assert!(!good && told.contains(&lost), "{told}");
    // Nor does it heal by what is sealed from then on.
    for block in ["助老", "助残"] {
        act(app, block).await;
        sealed(app).await;
        let (told, good) = verified().await;
        assert!(!good && told.contains(&lost), "{told}");
    }
});

both_databases!(an_untouched_trail_is_clean_and_its_head_can_be_noted, async |app| {
    trail(app, 2, 3).await;
    let seen = verdict(app).await;
    assert_eq!((seen.findings.as_slice(), seen.unsealed), (&[][..], 0));
    let head = seen.head.expect("a head");
    let blocks = app.as_(Who::Auditor).get("/audit-blocks").await.is(200);
    let newest = &blocks.items()[0];
    assert_eq!((&newest["number"], &newest["digest"], &newest["events"]), (&json!(head.block), &json!(head.digest), &json!(3)));

    act(app, "助老").await;
    assert_eq!(verdict(app).await.unsealed, 1);
    let (told, good) = command::run(&app.app, Command::Verify { head: Some(head.clone()) }).await.expect("a verdict");
    assert!(good && told.contains(&format!("head {head}")), "{told}");
    let other = Head { digest: "0".repeat(64), ..head.clone() };
    let (told, good) = command::run(&app.app, Command::Verify { head: Some(other) }).await.expect("a verdict");
    assert!(!good && told.contains(&format!("block {}: not the one that was noted", head.block)), "{told}");
    let later = Head { block: head.block + 1, ..head };
    let (_, good) = command::run(&app.app, Command::Verify { head: Some(later) }).await.expect("a verdict");
    assert!(!good, "the noted block was cut off");
});

both_databases!(a_change_of_any_column_is_found_and_named, async |app| {
    let trail = trail(app, 1, 1).await;
    let (id, block) = (trail[0][0], verdict(app).await.blocks as i32);
    let here = row(app, id);
    let other = Uuid::nil();
    let uuid = if app.db == Db::Sqlite { format!("X'{}'", other.simple()) } else { format!("'{other}'") };
    for (column, value) in [
        ("at", "'2020-01-01 00:00:00+00:00'"),
        ("actor_id", uuid.as_str()),
        ("actor_id", "NULL"),
        ("actor_name", "'somebody else'"),
        ("actor_role", "'admin'"),
        ("actor_role", "'no such role'"),
        ("actor_area_code", "'350583'"),
        ("on_behalf_reason", "'a reason'"),
        ("note", "'a note'"),
        ("action", "'create'"),
        ("object_type", "'villages'"),
        ("object_id", "'1'"),
        ("outcome", "'refused'"),
        ("changes", "'[]'"),
        ("address", "'10.0.0.1'"),
        ("request_id", "'another'"),
    ] {
        app.sql("CREATE TABLE kept AS SELECT * FROM audit_events").await;
        app.sql(&format!("UPDATE audit_events SET {column} = {value} WHERE {here}")).await;
        assert_eq!(findings(app).await, [Finding::EventChanged { block, id }], "{column} = {value}");
        app.sql("DELETE FROM audit_events").await;
        app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
        app.sql("DROP TABLE kept").await;
        assert_eq!(findings(app).await, []);
    }
});

both_databases!(what_is_removed_added_or_moved_is_found_and_named, async |app| {
    let trail = trail(app, 3, 2).await;
    let last = verdict(app).await.blocks as i32;
    let (first, second) = (last - 2, last - 1);

    app.sql(&format!("UPDATE audit_events SET block = {second} WHERE {}", row(app, trail[0][0]))).await;
    assert_eq!(findings(app).await, [Finding::EventMoved { block: first, id: trail[0][0], to: Some(second) }]);
    app.sql(&format!("UPDATE audit_events SET block = NULL WHERE {}", row(app, trail[0][0]))).await;
    assert_eq!(findings(app).await, [Finding::EventMoved { block: first, id: trail[0][0], to: None }]);
    app.sql(&format!("UPDATE audit_events SET block = {first} WHERE {}", row(app, trail[0][0]))).await;

    // The contents of two events change places.
    let here = row(app, trail[1][0]);
    let there = row(app, trail[1][1]);
    app.sql(&format!("UPDATE audit_events SET changes = (SELECT changes FROM audit_events WHERE {there}) WHERE {here}")).await;
    assert_eq!(findings(app).await, [Finding::EventChanged { block: second, id: trail[1][0] }]);

    app.sql(&format!("DELETE FROM audit_events WHERE {here}")).await;
    assert_eq!(findings(app).await, [Finding::EventRemoved { block: second, id: trail[1][0] }]);
    let forged = format!(
        "INSERT INTO audit_events (id, at, action, object_type, object_id, outcome, changes, block) \
         SELECT {}, at, action, object_type, object_id, outcome, changes, block FROM audit_events WHERE {there}",
        if app.db == Db::Sqlite { format!("X'{}'", Uuid::max().simple()) } else { format!("'{}'", Uuid::max()) }
    );
    app.sql(&forged).await;
    let added = Finding::EventAdded { block: second, id: Uuid::max() };
    assert_eq!(findings(app).await, [added, Finding::EventRemoved { block: second, id: trail[1][0] }]);
});

both_databases!(a_block_that_is_changed_removed_or_forged_is_found, async |app| {
    trail(app, 3, 2).await;
    let last = verdict(app).await.blocks as i32;
    let (first, second) = (last - 2, last - 1);
    let restore = async || {
        app.sql("DELETE FROM audit_blocks").await;
        app.sql("INSERT INTO audit_blocks SELECT * FROM kept").await;
        assert_eq!(findings(app).await, []);
    };
    app.sql("CREATE TABLE kept AS SELECT * FROM audit_blocks").await;

    app.sql(&format!("UPDATE audit_blocks SET events = 7 WHERE number = {first}")).await;
    assert_eq!(findings(app).await, [Finding::BlockChanged { block: first }]);
    restore().await;

    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {first}")).await;
    assert_eq!(findings(app).await, [Finding::BlockRemoved { block: first }]);
    restore().await;

    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {last}")).await;
    assert_eq!(findings(app).await, [Finding::BlockRemoved { block: last }], "its events still name it");
    restore().await;

    app.sql(&format!("UPDATE audit_blocks SET number = 1000000 WHERE number = {first}")).await;
    app.sql(&format!("UPDATE audit_blocks SET number = {first} WHERE number = {second}")).await;
    app.sql(&format!("UPDATE audit_blocks SET number = {second} WHERE number = 1000000")).await;
    let seen = findings(app).await;
    for block in [first, second] {
        assert!(seen.contains(&Finding::BlockChanged { block }), "{seen:?}");
    }
    restore().await;

    let forged = "'eyJhbGciOiJub25lIn0.e30.'";
    app.sql(&format!("UPDATE audit_blocks SET statement = {forged} WHERE number = {second}")).await;
    let seen = findings(app).await;
    assert_eq!(seen, [Finding::BlockUnsigned { block: second }, Finding::BlockChanged { block: last }]);
});

both_databases!(whichever_event_is_tampered_with_it_is_found, async |app| {
    let trail = trail(app, 3, 3).await;
    let first = verdict(app).await.blocks as i32 - 2;
    app.sql("CREATE TABLE kept AS SELECT * FROM audit_events").await;
    for (number, ids) in (first..).zip(&trail) {
        for &id in ids {
            let here = row(app, id);
            let mut cases = vec![
                (format!("DELETE FROM audit_events WHERE {here}"), Finding::EventRemoved { block: number, id }),
                (format!("UPDATE audit_events SET note = '' WHERE {here}"), Finding::EventChanged { block: number, id }),
                (
                    format!("UPDATE audit_events SET block = NULL WHERE {here}"),
                    Finding::EventMoved { block: number, id, to: None },
                ),
            ];
            for to in (first..first + 3).filter(|to| *to != number) {
                let moved = format!("UPDATE audit_events SET block = {to} WHERE {here}");
                cases.push((moved, Finding::EventMoved { block: number, id, to: Some(to) }));
            }
            for (statement, expected) in cases {
                app.sql(&statement).await;
                assert_eq!(findings(app).await, [expected], "{statement}");
                app.sql(&format!("DELETE FROM audit_events WHERE {here}")).await;
                app.sql(&format!("INSERT INTO audit_events SELECT * FROM kept WHERE {here}")).await;
            }
        }
    }
    assert_eq!(findings(app).await, []);
});

both_databases!(events_that_are_written_while_others_seal_are_all_sealed_once, async |app| {
    let acts = join_all((0..12).map(|number| async move {
        let made = app.bureau().post("/organisations", organisation(number + 500, TOWN_A)).await;
        made.is(201);
    }));
    let seals = join_all((0..6).map(|_| seal::all(&app.app)));
    let (_, seals) = join(acts, seals).await;
    for outcome in seals {
        assert!(outcome.as_ref().err().is_none_or(|error| error.code == StaleVersion), "{outcome:?}");
    }
    sealed(app).await;
    let seen = verdict(app).await;
    assert_eq!((seen.findings.as_slice(), seen.unsealed), (&[][..], 0));
    assert_eq!(seen.events as i64, app.number("SELECT COUNT(*) FROM audit_events").await);
});
