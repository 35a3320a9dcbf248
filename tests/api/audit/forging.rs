//! Verification names events that the service did not write, and the service never seals them as its own.

use baishe::commands::audit::{self, Command};
use domains::audit::seal;
use domains::audit::verify::Finding;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{act, bytes_of, findings, forge, row, sealed, trail, verdict};
use crate::both_databases;
use crate::support::*;

/// Values of `block` that name no block, as each database can store them, each with how it is displayed.
fn no_blocks(app: &TestApp, newest: i32) -> Vec<(String, String)> {
    let numbers = [0, -1, newest + 1, 2_000_000_000].map(|number| (number.to_string(), number.to_string()));
    let anything = ["'abc'", "1.5", "X'FF'"].map(|value| (value.to_owned(), value.to_owned()));
    numbers.into_iter().chain(anything.into_iter().filter(|_| app.db == Db::Sqlite)).collect()
}

both_databases!(an_event_that_cannot_be_read_is_shown_as_unproven_and_hides_no_other, async |app| {
    act(app, "助学").await;
    act(app, "助老").await;
    let auditor = app.as_(Who::Auditor);
    let list = "/audit-events?object_type=organisations&action=update";
    let whole = auditor.get(list).await.is(200);
    let id = whole.items()[1]["id"].as_str().expect("an id").to_owned();
    let history = format!("{}/history", app.organisation_a_path());
    let here = row(app, id.parse().expect("a UUID"));
    // PostgreSQL enforces column types; SQLite stores any value.
    let mut damages = vec![("actor_role", "'nobody'")];
    if app.db == Db::Sqlite {
        damages.extend([
            ("block", "'abc'"),
            ("block", "X'FF'"),
            ("actor_id", "'nobody'"),
            ("actor_name", "X'FF'"),
            ("note", "X'FF'"),
            ("changes", "'{'"),
            ("changes", "X'FF'"),
            ("at", "'2020-04-20T'"),
            ("at", "X'FF'"),
            ("address", "X'FF'"),
            ("proof", "'abc'"),
        ]);
    }
    if app.db == Db::Sqlite {
        sealed(app).await;
        app.sql("UPDATE audit_blocks SET sealed_at = X'FF', events = 'abc' WHERE number = 1").await;
        let blocks = auditor.get("/audit-blocks").await.is(200);
        assert_eq!(blocks.items().last().expect("the first")["signed"], false);
        app.sql("UPDATE audit_events SET block = NULL").await;
    }
    if app.db == Db::Sqlite {
        // The id is a text of the same bytes, so it reads like the id of the genuine event.
        let genuine = id.parse().expect("a UUID");
        forge(app, genuine, &[("id", "CAST(id AS TEXT)"), ("note", "'伪造'")]).await;
        let seen = auditor.get(list).await.is(200);
        let beside: Vec<_> = seen.items().iter().filter(|event| event["id"] == id).collect();
        assert_eq!(beside.len(), 2);
        for event in beside {
            let proof = if event["note"] == "伪造" { "unproven" } else { "waiting" };
            assert_eq!(event["proof"], proof);
        }
        app.sql("DELETE FROM audit_events WHERE note = '伪造'").await;
    }
    for (column, value) in damages {
        app.sql(&format!("UPDATE audit_events SET {column} = {value} WHERE {here}")).await;
        let seen = auditor.get(list).await.is(200);
        assert_eq!(seen["total"], whole["total"], "{column} {value}");
        for event in seen.items() {
            let proof = if event["id"] == id { "unproven" } else { "waiting" };
            assert_eq!(event["proof"], proof, "{column} {value}");
        }
        let event = auditor.get(&format!("/audit-events/{id}")).await.is(200);
        assert_eq!((&event["id"], &event["proof"]), (&json!(id), &json!("unproven")), "{column} {value}");
        auditor.get("/audit-events/export").await.is(200);
        assert!(app.bureau().get(&history).await.is(200).items().len() >= 2, "{column} {value}");
    }
});

both_databases!(a_forged_event_is_named_and_never_sealed, async |app| {
    sealed(app).await;
    act(app, "助学").await;
    let auditor = app.as_(Who::Auditor);
    let waiting = auditor.get("/audit-events?object_type=organisations&action=update").await.is(200);
    let genuine: Uuid = waiting.items()[0]["id"].as_str().expect("an id").parse().expect("a UUID");
    assert_eq!(waiting.items()[0]["proof"], "waiting");
    let made_up = if app.db == Db::Sqlite { format!("X'{}'", "ab".repeat(36)) } else { format!("'\\x{}'", "ab".repeat(36)) };
    let mut forged = [
        forge(app, genuine, &[("proof", "NULL"), ("at", "'2020-03-02 00:00:00+00:00'")]).await,
        // A proof copied from another event.
        forge(app, genuine, &[]).await,
        forge(app, genuine, &[("proof", &made_up)]).await,
    ];
    forged.sort();
    let named: Vec<_> = forged.iter().map(|id| Finding::EventUnproven { event: id.to_string() }).collect();
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.unsealed), (named.clone(), 1));

    // This holds however often sealing is tried, and whatever is written meanwhile.
    assert_eq!(sealed(app).await, 1);
    act(app, "助老").await;
    assert_eq!(sealed(app).await, 1);
    assert_eq!(sealed(app).await, 0);
    assert_eq!(findings(app).await, named);
    let (told, good) = audit::run(&app.app, Command::Verify { head: None }).await.expect("a verdict");
    assert!(!good && forged.iter().all(|id| told.contains(&format!("event {id}: not written by this service"))), "{told}");

    let seen = auditor.get("/audit-events?limit=200").await.is(200);
    for event in seen.items() {
        let id: Uuid = event["id"].as_str().expect("an id").parse().expect("a UUID");
        let proof = if forged.contains(&id) { "unproven" } else { "sealed" };
        // Only the sign-in of this request is younger than the seal.
        assert!(event["proof"] == proof || event["proof"] == "waiting" && event["action"] == "login", "{event}");
    }
    let id = forged[0];
    assert_eq!(auditor.get(&format!("/audit-events/{id}")).await.is(200)["proof"], "unproven");

    // An entry in a signed block makes a forged event no more genuine.
    let newest = verdict(app).await.head.expect("a head").block;
    app.sql(&format!("UPDATE audit_events SET block = {newest} WHERE {}", row(app, id))).await;
    assert!(findings(app).await.contains(&Finding::EventAdded { block: newest, id }));
    assert_eq!(auditor.get(&format!("/audit-events/{id}")).await.is(200)["proof"], "unproven");
});

both_databases!(whatever_is_done_to_an_event_it_is_named, async |app| {
    let sealed = trail(app, 2, 2).await.concat();
    act(app, "助残").await;
    act(app, "助困").await;
    let newest = verdict(app).await.head.expect("a head").block;
    let page = app.as_(Who::Auditor).get("/audit-events?object_type=organisations&action=update&limit=2").await.is(200);
    let id = |event: &Value| event["id"].as_str().expect("an id").parse::<Uuid>().expect("a UUID");
    let waiting: Vec<_> = page.items().iter().map(id).collect();
    assert!(page.items().iter().all(|event| event["block"].is_null()));
    app.sql("CREATE TABLE kept AS SELECT * FROM audit_events").await;
    let unproven = |id: Uuid| Finding::EventUnproven { event: id.to_string() };
    let outside = |id: Uuid, block: &str| Finding::EventOutside { event: id.to_string(), block: block.to_owned() };
    let restore = async || {
        app.sql("DELETE FROM audit_events").await;
        app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
        assert_eq!(findings(app).await, []);
    };

    let other = Uuid::max();
    let nobody = bytes_of(app, Uuid::nil());
    let proof_of = |id: Uuid| format!("(SELECT proof FROM kept WHERE {})", row(app, id));
    for &id in &waiting {
        for (column, value) in [
            ("at", "'2020-01-01 00:00:00+00:00'"),
            ("actor_id", &nobody),
            ("actor_id", "NULL"),
            ("actor_name", "'somebody else'"),
            ("actor_role", "'admin'"),
            ("actor_role", "'no such role'"),
            ("actor_area_code", "NULL"),
            ("on_behalf_reason", "''"),
            ("note", "'a note'"),
            ("action", "'create'"),
            ("object_type", "'villages'"),
            ("object_id", "'1'"),
            ("outcome", "'refused'"),
            ("changes", "'[]'"),
            ("address", "NULL"),
            ("request_id", "'another'"),
            ("proof", "NULL"),
            ("proof", &proof_of(if id == waiting[0] { waiting[1] } else { waiting[0] })),
            ("proof", &proof_of(sealed[0])),
        ] {
            app.sql(&format!("UPDATE audit_events SET {column} = {value} WHERE {}", row(app, id))).await;
            assert_eq!(findings(app).await, [unproven(id)], "{column} = {value}");
            restore().await;
        }
        app.sql(&format!("UPDATE audit_events SET id = {} WHERE {}", bytes_of(app, other), row(app, id))).await;
        assert_eq!(findings(app).await, [unproven(other)]);
        restore().await;
        app.sql(&format!("UPDATE audit_events SET block = {newest} WHERE {}", row(app, id))).await;
        assert_eq!(findings(app).await, [Finding::EventAdded { block: newest, id }]);
        restore().await;
    }
    for (block, shown) in no_blocks(app, newest) {
        app.sql(&format!("UPDATE audit_events SET block = {block} WHERE {}", row(app, waiting[0]))).await;
        assert_eq!(findings(app).await, [outside(waiting[0], &shown)]);
        restore().await;
        app.sql(&format!("UPDATE audit_events SET block = {block} WHERE {}", row(app, sealed[0]))).await;
        assert_eq!(findings(app).await, [Finding::EventMoved { block: newest - 1, id: sealed[0], to: Some(shown.clone()) }]);
        restore().await;
        for from in [waiting[0], sealed[0]] {
            let forged = forge(app, from, &[("block", &block)]).await;
            assert_eq!(findings(app).await, [outside(forged, &shown)]);
            restore().await;
        }
    }
    for from in [waiting[0], sealed[0]] {
        let forged = forge(app, from, &[("block", "NULL")]).await;
        assert_eq!(findings(app).await, [unproven(forged)]);
        restore().await;
        let forged = forge(app, from, &[("block", &newest.to_string())]).await;
        assert_eq!(findings(app).await, [Finding::EventAdded { block: newest, id: forged }]);
        restore().await;
    }
    if app.db == Db::Sqlite {
        for (strange, shown) in [("'an id'", "'an id'"), ("X'AB'", "X'AB'"), ("7", "'7'")] {
            for (block, _) in [("NULL", ""), (&*newest.to_string(), "")] {
                forge(app, waiting[0], &[("id", strange), ("block", block)]).await;
                assert_eq!(findings(app).await, [Finding::EventUnproven { event: shown.to_owned() }], "{strange} in {block}");
                assert!(seal::all(&app.app).await.is_ok(), "what waits beside it is sealed");
                restore_all(app).await;
            }
        }
    }
});

/// Restores the saved events, and deletes the blocks that were made since.
async fn restore_all(app: &TestApp) {
    app.sql("DELETE FROM audit_events").await;
    app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
    app.sql("DELETE FROM audit_blocks WHERE number > (SELECT MAX(block) FROM audit_events)").await;
    assert_eq!(findings(app).await, []);
}

both_databases!(a_block_that_nobody_made_keeps_nobody_from_verifying, async |app| {
    let (kept, moved) = match &trail(app, 1, 2).await.concat()[..] {
        &[kept, moved] => (kept, moved),
        ids => panic!("{ids:?}"),
    };
    let clean = verdict(app).await;
    let newest = clean.head.clone().expect("a head").block;
    for number in [-5, 0, 2_000_000_000, i32::MAX] {
        let copied = "SELECT {}, sealed_at, events, entries, statement FROM audit_blocks WHERE number = ";
        let copied = copied.replace("{}", &number.to_string());
        app.sql(&format!("INSERT INTO audit_blocks (number, sealed_at, events, entries, statement) {copied} {newest}")).await;
        app.sql(&format!("CREATE TABLE kept AS SELECT * FROM audit_events WHERE {}", row(app, moved))).await;
        app.sql(&format!("UPDATE audit_events SET proof = NULL, block = {number} WHERE {}", row(app, moved))).await;
        let genuine = vec![Finding::EventMoved { block: newest, id: moved, to: Some(number.to_string()) }];
        let planted = vec![
            Finding::BlockChanged { block: number },
            Finding::EventUnproven { event: moved.to_string() },
            Finding::EventChanged { block: number, id: moved },
            Finding::EventMoved { block: number, id: kept, to: Some(newest.to_string()) },
        ];
        let seen = verdict(app).await;
        if number > 0 {
            let removed = vec![Finding::BlocksRemoved { first: newest + 1, last: number - 1 }];
            assert_eq!(seen.findings, [genuine, removed, planted].concat());
            assert_eq!((seen.blocks, seen.head.map(|head| head.block)), (clean.blocks + 1, Some(number)));
        } else {
            // A block from before the first one is not part of the chain.
            assert_eq!(seen.findings, [planted, genuine].concat());
            assert_eq!((seen.blocks, &seen.head), (clean.blocks, &clean.head));
        }
        app.sql(&format!("DELETE FROM audit_blocks WHERE number = {number}")).await;
        app.sql(&format!("DELETE FROM audit_events WHERE {}", row(app, moved))).await;
        app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
        app.sql("DROP TABLE kept").await;
        assert_eq!(findings(app).await, []);
    }
});
