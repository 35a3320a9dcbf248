//! The audit trail: what auditors see, and whether tampering is found.

use baishe::commands::audit::{self, Command};
use baishe::startup;
use contract::ErrorCode::*;
use contract::{Lang, labels};
use domains::audit::seal;
use domains::audit::verify::{Finding, Head, Verdict, verify};
use futures_util::future::{join, join_all};
use platform::Tx;
use platform::audit::{Entry, Event, record_all};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both_databases;
use crate::support::*;

/// Something that leaves an event in the trail.
pub(super) async fn act(app: &TestApp, what: &str) {
    let (bureau, path) = (app.bureau(), app.organisation_a_path());
    let seen = bureau.get(&path).await.is(200);
    bureau.patch(&path, json!({ "strengths": what })).if_match(&seen.etag()).await.is(200);
}

pub(super) async fn sealed(app: &TestApp) -> u64 {
    seal::all(&app.app).await.expect("the trail is sealed")
}

pub(super) async fn verdict(app: &TestApp) -> Verdict {
    verify(&app.app, None).await.expect("a verdict")
}

pub(super) async fn findings(app: &TestApp) -> Vec<Finding> {
    verdict(app).await.findings
}

/// The condition that a row is the one with this id, as each database writes it.
pub(super) fn row(app: &TestApp, id: Uuid) -> String {
    match app.db {
        Db::Sqlite => format!("id = X'{}'", id.simple()),
        Db::Postgres => format!("id = '{id}'"),
    }
}

/// A trail of several blocks; the ids of its events by block.
pub(super) async fn trail(app: &TestApp, blocks: usize, events: usize) -> Vec<Vec<Uuid>> {
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

both_databases!(the_first_block_has_the_number_one, async |app| {
    app.sql("UPDATE audit_events SET block = NULL").await;
    app.sql("DELETE FROM audit_blocks").await;
    assert_eq!(verdict(app).await.head, None);
    assert!(sealed(app).await > 0);
    let verdict = verdict(app).await;
    assert_eq!((verdict.blocks, verdict.head.map(|head| head.block), verdict.findings), (1, Some(1), vec![]));
});

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
    let by = json!({ "identity_number": "350582196503120012" });
    app.bureau().post("/households/search", by).await.is(200);
    let mut names = app.texts("SELECT action FROM audit_events UNION SELECT object_type FROM audit_events").await;
    let said = app.as_(Who::Auditor).get("/audit-events?limit=200").await.is(200);
    assert_eq!(said["next_cursor"], Value::Null, "all of it");
    let changes = said.items().iter().flat_map(|event| event["changes"].as_array().expect("changes"));
    names.extend(changes.map(|change| change["field"].as_str().expect("a field").to_owned()));
    // Who is refused is kept with what the address begins with.
    names.extend(
        operations()
            .iter()
            .filter(|one| one.permission.is_some())
            .map(|one| one.path.split('/').nth(3).expect("a place").replace('-', "_")),
    );
    names.sort_unstable();
    names.dedup();
    let nameless: Vec<_> =
        names.iter().filter(|name| [Lang::ZhCn, Lang::En].iter().any(|&lang| labels::find(name, lang).is_none())).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
});

both_databases!(who_fails_to_sign_in_is_in_the_trail_without_what_was_typed, async |app| {
    let typed = json!({ "account": Who::TownA.account(), "password": "not-the-Password-1" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let typed = json!({ "account": "my-secret-password", "password": "oops-the-other-field" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    let town = app.world.accounts[&Who::TownA].user_id.to_string();
    let objects = async |auditor: &Client| {
        let refused = auditor.get("/audit-events?outcome=refused").await.is(200);
        assert!(refused.items().iter().all(|event| event["address"] == "127.0.0.1" && event["actor_id"].is_null()));
        assert!(!refused.body.to_string().contains("my-secret-password"));
        let listed: Vec<_> =
            refused.items().iter().map(|event| event["object_id"].as_str().expect("an object").to_owned()).collect();
        for event in refused.items() {
            auditor.get(&format!("/audit-events/{}", event["id"].as_str().expect("an id"))).await.is(200);
        }
        listed
    };
    // What was not a name of an account may have been anybody's slip, also next door's.
    let (auditor, next_door) =
        (app.as_(Who::Auditor), app.joined("auditor-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await);
    assert_eq!(objects(&auditor).await, [&*town]);
    assert_eq!(objects(&next_door).await, [""; 0]);
    // Where the service has no other county it is the auditor's.
    app.sql("UPDATE users SET area_code = '350582' WHERE area_code LIKE '350583%'").await;
    assert_eq!(objects(&auditor).await, ["*", &*town]);
});

both_databases!(auditors_see_what_was_done_in_their_own_county, async |app| {
    let next_door = app.joined("auditor-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await;
    act(app, "助学").await;
    for who in [Who::OtherBureau, Who::TownA] {
        app.as_(who).get("/villages/export").await.is(200);
    }
    for who in [Who::Bureau, Who::OtherBureau] {
        let typed = json!({ "account": who.account(), "password": "not-the-Password-1" });
        app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    }
    let all = app.number("SELECT COUNT(*) FROM audit_events WHERE actor_id IS NOT NULL").await;
    let mut listed = 0;
    for (auditor, own) in [(app.as_(Who::Auditor), COUNTY), (next_door, OTHER_COUNTY)] {
        let events = auditor.walk("/audit-events", 200).await;
        let actors = events.iter().filter(|event| !event["actor_id"].is_null());
        for event in actors {
            let actor: Uuid = event["actor_id"].as_str().expect("an id").parse().expect("a UUID");
            let area = app.texts(&format!("SELECT area_code FROM users WHERE {}", row(app, actor))).await;
            assert!(area[0].starts_with(own), "{event} is of {}", area[0]);
            listed += 1;
        }
        let failed: Vec<_> =
            events.iter().filter(|event| event["outcome"] == "refused").map(|event| &event["object_id"]).collect();
        let account = if own == COUNTY { Who::Bureau } else { Who::OtherBureau };
        assert_eq!(failed, [&json!(app.world.accounts[&account].user_id)]);
        // What nobody has done the service has done by itself, for everybody to see.
        let system = events.iter().filter(|event| event["actor_id"].is_null() && event["outcome"] == "done").count();
        assert_eq!(
            app.number("SELECT COUNT(*) FROM audit_events WHERE actor_id IS NULL AND outcome = 'done'").await,
            system as i64
        );
        assert!(system > 0);
        let total = auditor.get("/audit-events?limit=1").await.is(200)["total"].clone();
        assert_eq!(total, events.len(), "what is counted is what is listed");
    }
    assert_eq!(listed, all, "what one does not see the other does");
    // And one is as little read by its id.
    let event = app.as_(Who::Auditor).get("/audit-events?object_type=organisations&limit=1").await.is(200);
    let path = format!("/audit-events/{}", event.items()[0]["id"].as_str().expect("an id"));
    app.as_(Who::Auditor).get(&path).await.is(200);
    app.joined("another-next-door", contract::Role::Auditor, OTHER_COUNTY, None).await.get(&path).await.refused(NotFound);
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

/// A new event from the words of another: the columns that are named have the values that are given.
pub(super) async fn forge(app: &TestApp, from: Uuid, values: &[(&str, &str)]) -> Uuid {
    let id = Uuid::now_v7();
    let columns = "id, at, actor_id, actor_name, actor_role, actor_area_code, on_behalf_reason, note, action, \
                   object_type, object_id, outcome, changes, address, request_id, block, proof";
    let taken = columns.split(", ").map(|column| match values.iter().find(|(name, _)| *name == column) {
        Some((_, value)) => (*value).to_owned(),
        None if column == "id" => bytes_of(app, id),
        None => column.to_owned(),
    });
    let taken: Vec<_> = taken.collect();
    let here = row(app, from);
    app.sql(&format!("INSERT INTO audit_events ({columns}) SELECT {} FROM audit_events WHERE {here}", taken.join(", "))).await;
    id
}

/// An id as each database writes it.
pub(super) fn bytes_of(app: &TestApp, id: Uuid) -> String {
    row(app, id).trim_start_matches("id = ").to_owned()
}

/// Some events of the system itself, that are not written yet.
pub(super) async fn entries(app: &TestApp, count: usize) -> Vec<Entry> {
    let tx = Tx::system(&app.app).await.expect("a transaction");
    (0..count).map(|number| tx.entry(Event::of("users", number, "login"), &(), &())).collect()
}

pub(super) async fn write(app: &TestApp, entries: Vec<Entry>) {
    let tx = Tx::system(&app.app).await.expect("a transaction");
    record_all(&tx, entries).await.expect("they are written");
    tx.commit().await.expect("a commit");
}

/// The values of `block` that name none, as each database can keep them, with how they are shown.
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
    // PostgreSQL keeps the types; SQLite keeps anything.
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
        // Its id is a text of the same bytes, which reads like that of the event it stands beside.
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
        // The proof of another event.
        forge(app, genuine, &[]).await,
        forge(app, genuine, &[("proof", &made_up)]).await,
    ];
    forged.sort();
    let named: Vec<_> = forged.iter().map(|id| Finding::EventUnproven { event: id.to_string() }).collect();
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.unsealed), (named.clone(), 1));

    // However often it is tried, and whatever is written meanwhile.
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
        // What was asked for to see it is younger than the seal.
        assert!(event["proof"] == proof || event["proof"] == "waiting" && event["action"] == "login", "{event}");
    }
    let id = forged[0];
    assert_eq!(auditor.get(&format!("/audit-events/{id}")).await.is(200)["proof"], "unproven");

    // Put into a block that is signed, it is no more genuine.
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

/// Puts the events back that were kept, and takes back the blocks that were made of them since.
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
            // One from before the first is none of the chain.
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

both_databases!(every_event_that_the_service_writes_is_proved, async |app| {
    app.one_of_everything().await;
    let wrong = json!({ "account": Who::TownA.account(), "password": "not-the-Password-1" });
    app.anonymous().post("/auth/login", wrong).await.refused(InvalidCredentials);
    let family = app.village_a().post("/households", household(VILLAGE_A, 30)).await.is(201);
    let telling = with(visit(), "/note", json!("许清水已出院"));
    app.village_a().post(&format!("{}/visits", family.path()), telling).await.is(422);
    app.bureau().get("/organisations/export").await.is(200);
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.unsealed as i64), (vec![], app.number("SELECT COUNT(*) FROM audit_events").await));
    sealed(app).await;
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.events as i64), (vec![], app.number("SELECT COUNT(*) FROM audit_events").await));
});

both_databases!(the_key_of_proofs_rotates_under_a_running_service, async |app| {
    let config = (*app.app.config).clone();
    let other = startup::prepare(config.clone(), app.clock.clone()).await.expect("another process");
    sealed(app).await;
    act(app, "助学").await;
    let (told, _) = audit::run(&other, Command::Rotate).await.expect("a new key");
    assert!(told.contains("0002.key"), "{told}");
    act(app, "助老").await;
    app.app.proofs.refresh().expect("the keys");
    act(app, "助残").await;
    assert_eq!(verdict(app).await.unsealed, 3);
    // Whoever seals has not looked for a new key, and meets it.
    let late = startup::prepare(config.clone(), app.clock.clone()).await.expect("a third process");
    audit::run(&app.app, Command::Rotate).await.expect("a third key");
    act(app, "助困").await;
    assert_eq!(seal::all(&late).await.expect("it seals"), 4);

    act(app, "助学").await;
    let folder = config.keys_dir().join("audit");
    for old in ["0001.key", "0002.key"] {
        std::fs::remove_file(folder.join(old)).expect("an old key");
    }
    app.app.proofs.refresh().expect("the keys");
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.unsealed), (vec![], 1), "what is sealed needs its old key no more");
    std::fs::remove_file(folder.join("0003.key")).expect("the last key");
    assert!(app.app.proofs.refresh().is_err(), "nobody writes without a key");
    act(app, "助老").await;
});

both_databases!(as_many_events_as_a_block_holds_make_one_block_and_one_more_makes_two, async |app| {
    sealed(app).await;
    for (events, blocks) in [(999, 1), (1_000, 1), (1_001, 2), (2_000, 2)] {
        let before = verdict(app).await.blocks;
        write(app, entries(app, events).await).await;
        assert_eq!(sealed(app).await, events as u64);
        assert_eq!(sealed(app).await, 0, "{events}: nothing is sealed twice, and there is no empty block");
        let seen = verdict(app).await;
        assert_eq!((seen.findings, seen.unsealed, seen.blocks - before), (vec![], 0, blocks), "{events}");
    }
});

both_databases!(two_processes_that_seal_at_once_seal_everything_once, async |app| {
    sealed(app).await;
    let config = (*app.app.config).clone();
    let other = startup::prepare(config, app.clock.clone()).await.expect("another process");
    for _ in 0..3 {
        write(app, entries(app, 1_001).await).await;
        let before = verdict(app).await.events;
        let outcomes = join(seal::all(&app.app), seal::all(&other)).await;
        let mut done = 0;
        for outcome in [outcomes.0, outcomes.1] {
            match outcome {
                Ok(events) => done += events,
                Err(error) => assert_eq!(error.code, StaleVersion),
            }
        }
        // What one has sealed before the other was in its way is sealed, though it was not told.
        let rest = sealed(app).await;
        let seen = verdict(app).await;
        assert_eq!((seen.findings, seen.unsealed, seen.events - before), (vec![], 0, 1_001), "{done} and {rest}");
    }
});

both_databases!(an_event_that_comes_late_with_an_older_id_is_sealed_in_a_later_block, async |app| {
    sealed(app).await;
    let late = entries(app, 1).await;
    write(app, entries(app, 2).await).await;
    assert_eq!(sealed(app).await, 2);
    write(app, late).await;
    assert_eq!(sealed(app).await, 1);
    let seen = verdict(app).await;
    assert_eq!((seen.findings, seen.unsealed), (vec![], 0));
});
