//! Events are sealed into signed blocks, each of them once.

use baishe::commands::audit::{self, Command};
use baishe::startup;
use contract::ErrorCode::*;
use domains::audit::seal;
use futures_util::future::{join, join_all};
use serde_json::json;

use super::{act, entries, sealed, verdict, write};
use crate::both_databases;
use crate::support::*;

both_databases!(the_first_block_has_the_number_one, async |app| {
    app.sql("UPDATE audit_events SET block = NULL").await;
    app.sql("DELETE FROM audit_blocks").await;
    assert_eq!(verdict(app).await.head, None);
    assert!(sealed(app).await > 0);
    let verdict = verdict(app).await;
    assert_eq!((verdict.blocks, verdict.head.map(|head| head.block), verdict.findings), (1, Some(1), vec![]));
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
    // A process that has not looked for a new key meets it when it seals.
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
        // What one process sealed before it met the other stays sealed, although it returned an error.
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
