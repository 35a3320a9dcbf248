//! Verification finds whoever changes, removes, adds or moves events in the trail.

use baishe::commands::audit::{self, Command};
use domains::audit::verify::{Finding, Head};
use serde_json::json;
use uuid::Uuid;

use super::{act, findings, forge, row, sealed, trail, verdict};
use crate::both_databases;
use crate::support::*;

both_databases!(a_block_that_is_removed_hides_nothing_that_is_forged, async |app| {
    let ids = trail(app, 3, 1).await;
    let last = verdict(app).await.head.expect("a head").block;
    let removed = last - 1;
    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {removed}")).await;
    let told = Finding::BlocksRemoved { first: removed, last: removed };
    assert_eq!(findings(app).await, std::slice::from_ref(&told), "its event is the service's own");
    assert_eq!(told.to_string(), format!("block {removed}: removed"));
    let forged = forge(app, ids[1][0], &[("block", &removed.to_string())]).await;
    let outside = Finding::EventOutside { event: forged.to_string(), block: removed.to_string() };
    assert_eq!(findings(app).await, [told, outside]);
    assert_eq!(Finding::BlocksRemoved { first: 2, last: 4 }.to_string(), "blocks 2 to 4: removed");
});

both_databases!(a_trail_that_is_cut_off_at_its_end_is_found, async |app| {
    trail(app, 3, 2).await;
    let verified = async || audit::run(&app.app, Command::Verify { head: None }).await.expect("a verdict");
    assert!(verified().await.1);
    let last = verdict(app).await.head.expect("a head").block;
    app.sql(&format!("DELETE FROM audit_events WHERE block = {last}")).await;
    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {last}")).await;
    let lost = format!("block {last}: not the one that was noted");
    let (told, good) = verified().await;
    assert!(!good && told.contains(&lost), "{told}");
    // Later seals do not heal the damage.
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
    let (told, good) = audit::run(&app.app, Command::Verify { head: Some(head.clone()) }).await.expect("a verdict");
    assert!(good && told.contains(&format!("head {head}")), "{told}");
    let other = Head { digest: "0".repeat(64), ..head.clone() };
    let (told, good) = audit::run(&app.app, Command::Verify { head: Some(other) }).await.expect("a verdict");
    assert!(!good && told.contains(&format!("block {}: not the one that was noted", head.block)), "{told}");
    let later = Head { block: head.block + 1, ..head };
    let (_, good) = audit::run(&app.app, Command::Verify { head: Some(later) }).await.expect("a verdict");
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
        ("proof", "NULL"),
        ("proof", if app.db == Db::Sqlite { "X'00'" } else { r"'\x00'" }),
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
    assert_eq!(findings(app).await, [Finding::EventMoved { block: first, id: trail[0][0], to: Some(second.to_string()) }]);
    app.sql(&format!("UPDATE audit_events SET block = NULL WHERE {}", row(app, trail[0][0]))).await;
    assert_eq!(findings(app).await, [Finding::EventMoved { block: first, id: trail[0][0], to: None }]);
    app.sql(&format!("UPDATE audit_events SET block = {first} WHERE {}", row(app, trail[0][0]))).await;

    // Swap the contents of two events.
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
    let trail = trail(app, 3, 2).await;
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
    assert_eq!(findings(app).await, [Finding::BlocksRemoved { first, last: first }]);
    restore().await;

    app.sql(&format!("DELETE FROM audit_blocks WHERE number IN ({first}, {second})")).await;
    assert_eq!(findings(app).await, [Finding::BlocksRemoved { first, last: second }]);
    restore().await;

    app.sql(&format!("DELETE FROM audit_blocks WHERE number = {last}")).await;
    let outside = trail[2].iter().map(|id| Finding::EventOutside { event: id.to_string(), block: last.to_string() });
    assert_eq!(findings(app).await, outside.collect::<Vec<_>>(), "its events still name it");
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
                cases.push((moved, Finding::EventMoved { block: number, id, to: Some(to.to_string()) }));
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
