//! Sessions: how long they last, and how they end.

use chrono::TimeDelta;
use contract::ErrorCode::*;

use super::{COOKIE, later, login, refresh, sign_in};
use crate::both_databases;
use crate::support::*;

both_databases!(a_token_lives_ten_minutes, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    later(app, 599);
    signed.client.get("/me").await.is(200);
    later(app, 1);
    signed.client.get("/me").await.refused(Unauthenticated);
    let fresh = refresh(app, &signed.refresh).await.is(200);
    app.with_token(fresh["access_token"].as_str().expect("a token")).get("/me").await.is(200);
});

both_databases!(only_a_token_of_its_own_session_goes_on_with_it, async |app| {
    let (mine, other) = (sign_in(app, Who::TownA).await.refresh, sign_in(app, Who::TownB).await.refresh);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let ([id, _, secret], [_, family, _]) = (&parts(&mine)[..], &parts(&other)[..]) else { panic!("{mine} {other}") };
    refresh(app, &format!("{id}.{family}.{secret}")).await.refused(SessionEnded);
    // The service never opens a session without a token family.
    app.sql("UPDATE sessions SET family_hash = NULL").await;
    refresh(app, &other).await.refused(SessionEnded);
    refresh(app, &mine).await.refused(SessionEnded);
});

both_databases!(a_refresh_token_is_good_once, async |app| {
    let first = sign_in(app, Who::TownA).await.refresh;
    later(app, 60);
    let second = refresh(app, &first).await.is(200).cookie(COOKIE).expect("a new one");
    assert_ne!(first, second);
    // A tab that lost the race continues, but gets no refresh token of its own.
    later(app, 30);
    let raced = refresh(app, &first).await.is(200);
    assert_eq!(raced.cookie(COOKIE), None);
    let third = refresh(app, &second).await.is(200).cookie(COOKIE).expect("a new one");
    // After that time the token counts as stolen, and the session ends for both holders.
    later(app, 31);
    refresh(app, &second).await.refused(SessionEnded);
    refresh(app, &third).await.refused(SessionEnded);
    for nonsense in ["", "x", "x.y.z", "00000000000000000000000000000000.y", "00000000000000000000000000000000.y.z"] {
        assert_eq!(refresh(app, nonsense).await.status, 401);
    }
    app.anonymous().call(reqwest::Method::POST, "/auth/refresh").await.refused(Unauthenticated);
});

both_databases!(a_token_long_out_of_date_ends_the_session, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let mut newest = signed.refresh.clone();
    for _ in 0..3 {
        later(app, 60);
        newest = refresh(app, &newest).await.is(200).cookie(COOKIE).expect("a new one");
    }
    // Somebody who knows the session but never held one of its tokens can make these up. They end no session.
    let (session, _) = newest.split_once('.').expect("an id");
    for made_up in [format!("{session}.x.y"), format!("{session}.{}", &signed.refresh[..8]), format!("{newest}.x")] {
        refresh(app, &made_up).await.refused(SessionEnded);
    }
    newest = refresh(app, &newest).await.is(200).cookie(COOKIE).expect("a new one");
    let fresh = refresh(app, &newest).await.is(200);
    let client = app.with_token(fresh["access_token"].as_str().expect("a token"));
    client.get("/me").await.is(200);
    // Somebody must have copied a token from four rotations ago.
    refresh(app, &signed.refresh).await.refused(SessionEnded);
    client.get("/me").await.refused(SessionEnded);
    refresh(app, &fresh.cookie(COOKIE).expect("a new one")).await.refused(SessionEnded);
    let told = "SELECT COUNT(*) FROM audit_events WHERE action = 'refresh_reused'";
    assert_eq!(app.number(told).await, 1);
});

both_databases!(a_session_that_is_not_used_ends, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    later(app, 14 * 86_400 - 1);
    let renewed = refresh(app, &signed.refresh).await.is(200).cookie(COOKIE).expect("a new one");
    later(app, 14 * 86_400);
    refresh(app, &renewed).await.refused(SessionEnded);
});

both_databases!(a_session_ends_however_much_it_is_used, with | config | { config.session_days = 30 }, async |app| {
    let mut token = sign_in(app, Who::TownA).await.refresh;
    for _ in 0..2 {
        later(app, 10 * 86_400);
        token = refresh(app, &token).await.is(200).cookie(COOKIE).expect("a new one");
    }
    later(app, 10 * 86_400 - 1);
    token = refresh(app, &token).await.is(200).cookie(COOKIE).expect("a new one");
    later(app, 1);
    refresh(app, &token).await.refused(SessionEnded);
    // A shorter limit also applies to sessions that are already open.
    let used = sign_in(app, Who::TownA).await.refresh;
    let began = (app.clock.now() - TimeDelta::days(30)).to_rfc3339();
    app.sql(&format!("UPDATE sessions SET created_at = '{began}' WHERE expires_at > '{}'", app.clock.now().to_rfc3339())).await;
    refresh(app, &used).await.refused(SessionEnded);
});

both_databases!(sessions_are_listed_page_by_page, with | config | { config.sessions = 100 }, async |app| {
    for _ in 0..11 {
        later(app, 1);
        sign_in(app, Who::TownA).await;
    }
    let sessions = app.town_a().walk("/me/sessions", 5).await;
    let of_admin = app.admin().walk(&format!("/users/{}/sessions", app.world.accounts[&Who::TownA].user_id), 5).await;
    assert_eq!((sessions.len(), of_admin.len()), (12, 12));
    let used: Vec<_> = sessions.iter().map(|session| session["last_used_at"].as_str().expect("an instant")).collect();
    assert!(used.is_sorted_by(|one, next| one >= next), "{used:?}");
});

both_databases!(signing_out_takes_effect_at_once, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let out =
        app.anonymous().call(reqwest::Method::POST, "/auth/logout").header("Cookie", format!("{COOKIE}={}", signed.refresh));
    assert_eq!(out.await.is(204).cookie(COOKIE), Some(String::new()));
    signed.client.get("/me").await.refused(SessionEnded);
    refresh(app, &signed.refresh).await.refused(SessionEnded);
    app.anonymous().call(reqwest::Method::POST, "/auth/logout").await.is(204);
    // The trail names the owner of the session.
    let trail = app.as_(Who::Auditor).get("/audit-events?action=logout").await.is(200);
    let person = app.town_a().get("/me").await.is(200);
    assert_eq!((trail.items().len(), &trail.items()[0]["actor_id"]), (1, &person["id"]));
    assert_eq!(trail.items()[0]["address"], "127.0.0.1");
});

both_databases!(one_ends_one_s_own_other_sessions_and_nobody_else_s, async |app| {
    let (here, there) = (sign_in(app, Who::TownA).await, sign_in(app, Who::TownA).await);
    let current = there.client.get("/me/sessions").await.is(200);
    let there_id = current.items().iter().find(|session| session["current"] == true).expect("this one")["id"].clone();
    let path = format!("/me/sessions/{}", there_id.as_str().expect("an id"));
    app.town_b().delete(&path).await.refused(NotFound);
    here.client.delete(&path).await.is(204);
    there.client.get("/me").await.refused(SessionEnded);
    here.client.get("/me").await.is(200);
    here.client.delete(&path).await.refused(NotFound);
});

both_databases!(
    an_account_has_so_many_sessions_and_the_one_used_least_ends,
    with | config | { config.sessions = 3 },
    async |app| {
        let mut signed = Vec::new();
        for _ in 0..3 {
            later(app, 1);
            signed.push(sign_in(app, Who::TownB).await);
        }
        // The first session is used again, so the second is now the one used least.
        later(app, 1);
        refresh(app, &signed[0].refresh).await.is(200);
        later(app, 1);
        signed.push(sign_in(app, Who::TownB).await);
        for (number, ended) in [(0, false), (1, true), (2, false), (3, false)] {
            let me = signed[number].client.get("/me").await;
            assert_eq!(me.status == 401, ended, "session {number}");
        }
        assert_eq!(signed[3].client.get("/me/sessions").await.is(200)["total"], 3);
        let trail = app.as_(Who::Auditor).get("/audit-events?action=end_unused").await.is(200);
        // The session from the template was the first to end.
        assert_eq!(trail.items().len(), 2);
        let many = futures_util::future::join_all((0..8).map(|_| login(app, Who::TownB, PASSWORD))).await;
        assert!(many.iter().all(|answer| answer.status == 200));
        let live =
            "SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.account = 'townb' AND s.ended_at IS NULL";
        assert_eq!(app.number(live).await, 3, "nor are there more of those that begin at once");
    }
);
