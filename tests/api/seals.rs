//! Sealing and verifying a damaged trail: nothing hides, nothing stops, and each fault is named.

use baishe::commands::audit::{self, Command};
use baishe::startup;
use domains::audit::seal;
use domains::audit::verify::{Finding, Head, verify};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::audit::{act, bytes_of, entries, findings, forge, row, sealed, trail, verdict, write};
use crate::both_databases;
use crate::support::*;

fn unproven(id: Uuid) -> Finding {
    Finding::EventUnproven { event: id.to_string() }
}

/// Bytes as a literal of each database.
fn blob(app: &TestApp, bytes: &[u8]) -> String {
    let hex = platform::crypto::hex(bytes);
    if app.db == Db::Sqlite { format!("X'{hex}'") } else { format!("'\\x{hex}'") }
}

/// The block and the proof of each event that auditors see.
async fn proofs(app: &TestApp) -> Vec<(Value, Value)> {
    let events = app.as_(Who::Auditor).walk("/audit-events", 200).await;
    events.iter().map(|event| (event["block"].clone(), event["proof"].clone())).collect()
}

both_databases!(whatever_the_service_says_of_an_act_it_proves, async |app| {
    let (family, _) = app.helped(campaign(), 1).await;
    let given = app.organisation_a().post("/assistance-records", gift(&family.id())).await.is(201);
    let by_town = json!({ "note": "属实", "on_behalf_reason": "村委会暂无账号" });
    app.town_a().post(&format!("{}/confirm", given.path()), by_town).await.is(200);
    for column in ["actor_id", "actor_name", "actor_role", "actor_area_code", "on_behalf_reason", "note", "address", "request_id"]
    {
        let said = app.number(&format!("SELECT COUNT(*) FROM audit_events WHERE {column} IS NOT NULL")).await;
        assert!(said > 0, "no event has {column}");
    }
    let all = app.number("SELECT COUNT(*) FROM audit_events").await;
    assert_eq!(sealed(app).await, all as u64);
    assert_eq!(findings(app).await, []);
});

both_databases!(whatever_is_done_to_a_block_its_events_are_looked_at, async |app| {
    let ids = trail(app, 3, 2).await;
    let last = verdict(app).await.head.expect("a head").block;
    let (block, [first, second]) = (last - 1, [ids[1][0], ids[1][1]]);
    app.sql("CREATE TABLE kept AS SELECT * FROM audit_blocks").await;
    app.sql("CREATE TABLE kept_events AS SELECT * FROM audit_events").await;
    let query = format!("SELECT entries FROM audit_blocks WHERE number = {block}");
    let read = &app.app.database.read;
    let found = read.query_one_raw(Statement::from_string(read.get_database_backend(), query)).await.expect("an answer");
    let whole: Vec<u8> = found.expect("the block").try_get_by_index(0).expect("its entries");
    let (one, stranger) = (&whole[..whole.len() / 2], Uuid::max());
    let more = [&whole, &stranger.as_bytes()[..], &[7; 32]].concat();

    let changed = || vec![Finding::BlockChanged { block }];
    let forged_statement = || vec![Finding::BlockUnsigned { block }];
    let follows = || vec![Finding::BlockChanged { block: last }];
    let added = |id| Finding::EventAdded { block, id };
    let entries = |bytes: &[u8]| format!("entries = {}", blob(app, bytes));
    // The damage to the block; the findings about the block; whether an event forged in it counts as added; the findings about
    // the next block.
    type Told = (String, Vec<Finding>, bool, Vec<Finding>);
    let mut damages: Vec<Told> = vec![
        ("events = 7".to_owned(), changed(), true, vec![]),
        ("sealed_at = '2020-01-01 00:00:00+00:00'".to_owned(), changed(), true, vec![]),
        (entries(&whole[..whole.len() - 1]), changed(), false, vec![]),
        (entries(&[&whole[..], &[0]].concat()), changed(), false, vec![]),
        (entries(&[]), changed(), false, vec![]),
        (entries(one), [changed(), vec![added(second)]].concat(), true, vec![]),
        (entries(&more), changed(), true, vec![Finding::EventRemoved { block, id: stranger }]),
        ("statement = 'eyJhbGciOiJub25lIn0.e30.'".to_owned(), forged_statement(), true, follows()),
    ];
    // SQLite stores any value in any column.
    if app.db == Db::Sqlite {
        for (column, value) in ["sealed_at", "events", "statement"]
            .iter()
            .flat_map(|column| ["X'FF'", "CAST(X'FF' AS TEXT)"].map(|value| (column, value)))
        {
            damages.push((format!("{column} = {value}"), changed(), false, vec![]));
        }
        damages.push(("events = 'abc'".to_owned(), changed(), false, vec![]));
        damages.push(("sealed_at = 'abc'".to_owned(), changed(), false, vec![]));
        damages.push(("entries = 'abc'".to_owned(), changed(), false, vec![]));
    }
    for (damage, told, names, follow) in damages {
        app.sql(&format!("UPDATE audit_blocks SET {damage} WHERE number = {block}")).await;
        assert_eq!(findings(app).await, [told.clone(), follow.clone()].concat(), "{damage}");
        // All blocks are listed, and only the events of this block lose their proof.
        let blocks = app.as_(Who::Auditor).get("/audit-blocks").await.is(200);
        assert_eq!(blocks["total"], last, "{damage}");
        for shown in blocks.items() {
            assert_eq!(shown["signed"] == true, shown["number"] != block || damage.starts_with("entries"), "{damage}");
        }
        for (of, proof) in proofs(app).await {
            let expected = match &of {
                Value::Null => "waiting",
                of if *of == block => "unproven",
                _ => "sealed",
            };
            assert_eq!(proof, expected, "{damage}");
        }
        // An event forged into the block is named, since the block vouches for nothing.
        let forged = forge(app, first, &[("proof", "NULL")]).await;
        let mut among = told.clone();
        let at = among.iter().position(|finding| matches!(finding, Finding::EventAdded { .. })).unwrap_or(among.len());
        let after = among.split_off(at);
        let forged = if names { vec![unproven(forged), added(forged)] } else { vec![unproven(forged)] };
        assert_eq!(findings(app).await, [among, after, forged, follow].concat(), "{damage}");
        app.sql("DELETE FROM audit_blocks").await;
        app.sql("INSERT INTO audit_blocks SELECT * FROM kept").await;
        app.sql("DELETE FROM audit_events").await;
        app.sql("INSERT INTO audit_events SELECT * FROM kept_events").await;
        assert_eq!(findings(app).await, []);
    }
});

/// SQLite only, which stores any value in any column.
#[tokio::test]
async fn an_event_of_which_nothing_can_be_read_is_named_and_hides_no_other() {
    let app = &TestApp::spawn(Db::Sqlite, |_| {}).await;
    let ids = trail(app, 1, 2).await;
    let block = verdict(app).await.head.expect("a head").block;
    act(app, "助残").await;
    let waiting: Uuid = app.texts("SELECT lower(hex(id)) FROM audit_events WHERE block IS NULL").await[0].parse().expect("an id");
    let columns = app.texts("SELECT name FROM pragma_table_info('audit_events') WHERE name NOT IN ('id', 'block')").await;
    assert_eq!(columns.len(), 15);
    for (id, finding) in [(waiting, unproven(waiting)), (ids[0][0], Finding::EventChanged { block, id: ids[0][0] })] {
        app.sql(&format!("CREATE TABLE kept AS SELECT * FROM audit_events WHERE {}", row(app, id))).await;
        for column in &columns {
            for value in ["X'FF'", "CAST(X'FF' AS TEXT)", "'{'", "7"] {
                app.sql(&format!("UPDATE audit_events SET {column} = {value} WHERE {}", row(app, id))).await;
                assert_eq!(findings(app).await, std::slice::from_ref(&finding), "{column} = {value}");
                app.sql(&format!("DELETE FROM audit_events WHERE {}", row(app, id))).await;
                app.sql("INSERT INTO audit_events SELECT * FROM kept").await;
            }
        }
        app.sql("DROP TABLE kept").await;
        // The id is a text of the same bytes, so it reads like the id of the genuine event.
        for (place, named) in [("NULL", unproven(id)), (&*block.to_string(), Finding::EventAdded { block, id })] {
            forge(app, id, &[("id", "CAST(id AS TEXT)"), ("block", place)]).await;
            assert_eq!(findings(app).await, [named], "in {place}");
            app.sql("DELETE FROM audit_events WHERE typeof(id) = 'text'").await;
        }
        assert_eq!(findings(app).await, []);
    }
    // Neither the id nor the block can be displayed as text.
    let strange = Finding::EventUnproven { event: "'\u{fffd}'".to_owned() };
    for place in ["NULL", &*block.to_string()] {
        forge(app, waiting, &[("id", "CAST(X'FF' AS TEXT)"), ("block", place)]).await;
        assert_eq!(findings(app).await, std::slice::from_ref(&strange), "in {place}");
        app.sql("DELETE FROM audit_events WHERE typeof(id) = 'text'").await;
    }
    let shown = "'\u{fffd}'".to_owned();
    app.sql(&format!("UPDATE audit_events SET block = CAST(X'FF' AS TEXT) WHERE {}", row(app, waiting))).await;
    assert_eq!(findings(app).await, [Finding::EventOutside { event: waiting.to_string(), block: shown.clone() }]);
    app.sql(&format!("UPDATE audit_events SET block = NULL WHERE {}", row(app, waiting))).await;
    app.sql(&format!("UPDATE audit_events SET block = CAST(X'FF' AS TEXT) WHERE {}", row(app, ids[0][1]))).await;
    assert_eq!(findings(app).await, [Finding::EventMoved { block, id: ids[0][1], to: Some(shown) }]);
}

both_databases!(what_is_noted_of_the_trail_is_compared_to_the_block, async |app| {
    trail(app, 3, 1).await;
    let newest = verdict(app).await.head.expect("a head");
    let blocks = app.as_(Who::Auditor).get("/audit-blocks?sort=number").await.is(200);
    let noted = |number: i32| {
        let block = blocks.items().iter().find(|block| block["number"] == number).expect("the block");
        Head { block: number, digest: block["digest"].as_str().expect("a digest").to_owned() }
    };
    let against = async |head: &Head| verify(&app.app, Some(head)).await.expect("a verdict").findings;
    for number in 1..=newest.block {
        assert_eq!(against(&noted(number)).await, [], "{number}");
        let other = Head { digest: newest.digest.replace(|_| true, "0"), ..noted(number) };
        assert_eq!(against(&other).await, [Finding::HeadLost { block: number }]);
    }
    for block in [-1, 0, newest.block + 1] {
        assert_eq!(against(&Head { block, ..noted(1) }).await, [Finding::HeadLost { block }]);
    }
    app.sql("DELETE FROM audit_blocks WHERE number = 1").await;
    let removed = Finding::BlocksRemoved { first: 1, last: 1 };
    assert_eq!(against(&noted(2)).await, std::slice::from_ref(&removed), "its events are the service's own");
    assert_eq!(against(&noted(1)).await, [removed]);
    // With all blocks gone, the events wait as if they had never been sealed.
    app.sql("DELETE FROM audit_blocks").await;
    app.sql("UPDATE audit_events SET block = NULL").await;
    let seen = verify(&app.app, Some(&noted(1))).await.expect("a verdict");
    assert_eq!((seen.findings, seen.blocks, seen.head), (vec![Finding::HeadLost { block: 1 }], 0, None));
});

#[test]
fn each_finding_says_what_is_wrong_and_where() {
    let (block, id) = (7, Uuid::from_u128(0xab));
    let event = || "'an id'".to_owned();
    for (finding, words) in [
        (Finding::BlocksRemoved { first: 7, last: 7 }, "block 7: removed"),
        (Finding::BlocksRemoved { first: 7, last: 9 }, "blocks 7 to 9: removed"),
        (Finding::BlockChanged { block }, "block 7: changed"),
        (Finding::BlockUnsigned { block }, "block 7: not signed by any key of this service"),
        (Finding::EventChanged { block, id }, "block 7: event 00000000-0000-0000-0000-0000000000ab changed"),
        (Finding::EventRemoved { block, id }, "block 7: event 00000000-0000-0000-0000-0000000000ab removed"),
        (Finding::EventAdded { block, id }, "block 7: event 00000000-0000-0000-0000-0000000000ab added"),
        (
            Finding::EventMoved { block, id, to: Some("9".to_owned()) },
            "block 7: event 00000000-0000-0000-0000-0000000000ab moved to block 9",
        ),
        (
            Finding::EventMoved { block, id, to: None },
            "block 7: event 00000000-0000-0000-0000-0000000000ab taken out of its block",
        ),
        (Finding::EventUnproven { event: event() }, "event 'an id': not written by this service, or changed since"),
        (Finding::EventOutside { event: event(), block: "-1".to_owned() }, "event 'an id': in block -1, which there is not"),
        (Finding::HeadLost { block }, "block 7: not the one that was noted"),
    ] {
        assert_eq!(finding.to_string(), words);
    }
    for (said, why) in
        [("7", "expected NUMBER:DIGEST"), ("seven:ab", "expected a number before the colon"), ("", "expected NUMBER:DIGEST")]
    {
        assert_eq!(said.parse::<Head>(), Err(why));
    }
}

both_databases!(the_command_says_what_it_saw, async |app| {
    let verified = async || audit::run(&app.app, Command::Verify { head: None }).await.expect("a verdict");
    let (events, waiting) = (app.number("SELECT COUNT(*) FROM audit_events").await, "waiting to be sealed");
    let said = format!("0 blocks, 0 sealed events, {events} {waiting}, 0 findings");
    assert_eq!(verified().await, (said, true));
    let told = audit::run(&app.app, Command::Seal).await.expect("it is sealed");
    assert_eq!(told, (format!("{events} events sealed"), true));
    let head = verdict(app).await.head.expect("a head");
    let said = format!("1 blocks, {events} sealed events, 0 {waiting}, 0 findings\nhead {head}");
    assert_eq!(verified().await, (said, true));
    assert_eq!(head.to_string().parse(), Ok(head));
});

both_databases!(what_is_wrong_is_told_in_the_order_of_ids, async |app| {
    let ids = trail(app, 1, 12).await.concat();
    let block = verdict(app).await.head.expect("a head").block;
    // Newest first, as a forger may write them.
    let mut forged = Vec::new();
    for number in (1..=12_u128).rev() {
        let id = Uuid::from_u128(number);
        forge(app, ids[0], &[("id", &bytes_of(app, id)), ("block", "NULL")]).await;
        forged.insert(0, unproven(id));
    }
    app.sql(&format!("DELETE FROM audit_events WHERE block = {block}")).await;
    let mut gone = ids;
    gone.sort();
    let gone = gone.into_iter().map(|id| Finding::EventRemoved { block, id });
    assert_eq!(findings(app).await, gone.chain(forged).collect::<Vec<_>>());
});

both_databases!(an_event_in_another_block_than_its_own_is_shown_as_unproven, async |app| {
    let ids = trail(app, 2, 1).await;
    let last = verdict(app).await.head.expect("a head").block;
    let path = format!("/audit-events/{}", ids[0][0]);
    let auditor = app.as_(Who::Auditor);
    for (block, proof) in [(last.to_string(), "unproven"), ("NULL".to_owned(), "waiting"), ((last - 1).to_string(), "sealed")] {
        app.sql(&format!("UPDATE audit_events SET block = {block} WHERE {}", row(app, ids[0][0]))).await;
        assert_eq!(auditor.get(&path).await.is(200)["proof"], proof, "{block}");
    }
});

both_databases!(sealing_goes_on_beside_blocks_that_nobody_made, async |app| {
    let all = app.number("SELECT COUNT(*) FROM audit_events").await;
    let plant = async |number: i32| {
        let values = format!("{number}, '2020-01-01 00:00:00+00:00', 0, {}, ''", blob(app, &[]));
        app.sql(&format!("INSERT INTO audit_blocks (number, sealed_at, events, entries, statement) VALUES ({values})")).await;
    };
    plant(-5).await;
    plant(0).await;
    assert_eq!(sealed(app).await, all as u64);
    assert_eq!(verdict(app).await.head.map(|head| head.block), Some(1), "the first has the number one");
    // No block can follow the highest number. Waiting events are not lost.
    plant(i32::MAX).await;
    act(app, "助学").await;
    assert!(seal::all(&app.app).await.is_err());
    app.sql(&format!("DELETE FROM audit_blocks WHERE number IN (-5, 0, {})", i32::MAX)).await;
    assert_eq!(sealed(app).await, 1);
    assert_eq!(findings(app).await, []);
    // The newest block is unreadable. Sealing continues after it, and verification names it.
    if app.db == Db::Sqlite {
        app.sql("UPDATE audit_blocks SET statement = X'FF' WHERE number = 2").await;
        act(app, "助老").await;
        assert_eq!(sealed(app).await, 1);
        assert_eq!(findings(app).await, [Finding::BlockChanged { block: 2 }]);
    }
});

both_databases!(the_log_names_events_that_are_not_the_service_s_own, async |app| {
    sealed(app).await;
    let folder = app.app.config.data_dir.clone();
    // What a run of the command prints, and its log.
    let seals = || {
        let url = app.app.config.database_url();
        let variables = [
            ("DATABASE_URL", &*url),
            ("BAISHE_DATA_DIR", folder.to_str().expect("UTF-8")),
            ("BAISHE_LOG", "error"),
            ("BAISHE_LOG_FORMAT", "json"),
        ];
        let done = command(&folder, &["audit", "seal"], &variables, Reading::Everything);
        assert!(done.status.success(), "{done:?}");
        let log = String::from_utf8(done.stderr).expect("UTF-8");
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("a line of the log")).collect();
        (String::from_utf8(done.stdout).expect("UTF-8").trim().to_owned(), lines)
    };
    // A whole batch of forged events comes before a genuine one.
    write(app, entries(app, 1_000).await).await;
    app.sql("UPDATE audit_events SET proof = NULL WHERE block IS NULL").await;
    act(app, "助学").await;
    let column = if app.db == Db::Sqlite { "lower(hex(id))" } else { "CAST(id AS text)" };
    let ids = app.texts(&format!("SELECT {column} FROM audit_events WHERE block IS NULL AND proof IS NULL ORDER BY id")).await;
    let ids: Vec<_> = ids.iter().map(|id| id.parse::<Uuid>().expect("an id").to_string()).collect();
    let (said, log) = seals();
    assert_eq!((said.as_str(), log.len()), ("1 events sealed", 1), "{log:?}");
    assert_eq!((&log[0]["level"], &log[0]["count"]), (&json!("ERROR"), &json!(1_000)));
    assert_eq!(log[0]["events"], ids[..20].join(", "), "the first of them");
    assert!(log[0]["message"].as_str().is_some_and(|message| message.contains("not written by this service")), "{log:?}");
    // A small number is listed in full.
    app.sql(&format!("DELETE FROM audit_events WHERE block IS NULL AND {column} NOT IN ({})", {
        let kept = ids[..2].iter().map(|id| if app.db == Db::Sqlite { id.replace('-', "") } else { id.clone() });
        kept.map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ")
    }))
    .await;
    let mut named = ids[..2].to_vec();
    if app.db == Db::Sqlite {
        forge(app, ids[0].parse().expect("an id"), &[("id", "X'FFFFFFFF'")]).await;
        named.push("?".to_owned());
    }
    let (said, log) = seals();
    assert_eq!((said.as_str(), log.len()), ("0 events sealed", 1), "{log:?}");
    assert_eq!((&log[0]["count"], &log[0]["events"]), (&json!(named.len()), &json!(named.join(", "))));
    app.sql("DELETE FROM audit_events WHERE block IS NULL").await;
    assert_eq!(seals(), ("0 events sealed".to_owned(), vec![]));
});

/// SQLite stores any bytes as an id. A whole batch of such rows may come before the genuine events.
#[tokio::test]
async fn ids_that_are_none_keep_nothing_from_being_sealed() {
    let app = &TestApp::spawn(Db::Sqlite, |_| {}).await;
    sealed(app).await;
    for (kind, begin, strength) in [("BLOB", 1_000, "助学"), ("TEXT", 5_000, "敬老")] {
        act(app, strength).await;
        let numbers =
            format!("WITH RECURSIVE numbers(n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n < {begin} + 999)");
        let from = "SELECT * FROM audit_events WHERE block IS NULL AND length(id) = 16 LIMIT 1";
        app.sql(&format!("CREATE TABLE kept AS {from}")).await;
        app.sql("UPDATE kept SET proof = NULL").await;
        let columns = app.texts("SELECT name FROM pragma_table_info('audit_events') WHERE name <> 'id'").await.join(", ");
        let id = format!("CAST(CAST(n AS TEXT) AS {kind})");
        app.sql(&format!("INSERT INTO audit_events (id, {columns}) {numbers} SELECT {id}, {columns} FROM kept, numbers")).await;
        app.sql("DROP TABLE kept").await;
        assert_eq!(sealed(app).await, 1, "{kind}");
        assert_eq!(findings(app).await.len(), 1_000, "{kind}");
        app.sql("DELETE FROM audit_events WHERE length(id) <> 16").await;
    }
}

/// PostgreSQL cancels statements of requests that take too long. Verifying a trail of years may take longer.
#[tokio::test]
async fn verifying_takes_as_long_as_it_takes() {
    let app = TestApp::spawn(Db::Postgres, |_| {}).await;
    sealed(&app).await;
    app.sql("ALTER TABLE audit_blocks RENAME TO kept").await;
    app.sql("CREATE VIEW audit_blocks AS SELECT kept.* FROM kept, (SELECT pg_sleep(0.3)) AS slow").await;
    let mut config = (*app.app.config).clone();
    config.max_connections = 1;
    let slow = startup::prepare(config, app.clock.clone()).await.expect("another process");
    slow.database.read.execute_unprepared("SET statement_timeout = 100").await.expect("its only connection has it");
    assert!(seal::newest(&slow.database.read).await.is_err(), "a request would have been given up");
    assert_eq!(verify(&slow, None).await.expect("a verdict").findings, []);
}
