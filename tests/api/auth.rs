//! Signing in, going on, and being put out.

use baishe::startup;
use chrono::TimeDelta;
use contract::ErrorCode::*;
use platform::Tx;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

const COOKIE: &str = "baishe_refresh";

/// Somebody who has signed in as a person does.
struct Signed {
    client: Client,
    refresh: String,
}

async fn sign_in(app: &TestApp, who: Who) -> Signed {
    let answer = login(app, who, PASSWORD).await.is(200);
    signed(app, &answer)
}

fn signed(app: &TestApp, answer: &Answer) -> Signed {
    let token = answer["access_token"].as_str().expect("a token");
    Signed { client: app.with_token(token), refresh: answer.cookie(COOKIE).expect("a refresh token") }
}

async fn login(app: &TestApp, who: Who, password: &str) -> Answer {
    app.anonymous().post("/auth/login", json!({ "account": who.account(), "password": password })).await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().call(reqwest::Method::POST, "/auth/refresh").header("Cookie", format!("{COOKIE}={token}")).await
}

fn later(app: &TestApp, seconds: i64) {
    app.clock.set(app.clock.now() + TimeDelta::seconds(seconds));
}

both_databases!(signing_in_says_who_one_is, async |app| {
    let answer = login(app, Who::OrganisationA, PASSWORD).await.is(200);
    let account = &answer["account"];
    assert_eq!(account["role"], "organisation");
    assert_eq!(account["organisation_name"], "晋江市慈善总会");
    assert_eq!(account["area_name"], "晋江市");
    assert!(
        account["permissions"]
            .as_array()
            .is_some_and(|all| all.contains(&json!("pairings:write")) && !all.contains(&json!("users:write")))
    );
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(
        ["HttpOnly", "SameSite=Strict", "Path=/"].iter().all(|part| cookie.contains(part)) && !cookie.contains("Secure"),
        "{cookie}"
    );
    let me = signed(app, &answer).client.get("/me").await.is(200);
    assert_eq!(me.body, *account);
    let sessions = signed(app, &answer).client.get("/me/sessions").await.is(200);
    assert_eq!(sessions.items().iter().filter(|session| session["current"] == true).count(), 1);
});

both_databases!(
    behind_tls_the_cookie_is_bound_to_the_host,
    with | config | {
        config.secure_cookies = true;
    },
    async |app| {
        let answer = login(app, Who::Bureau, PASSWORD).await.is(200);
        let cookie = answer.header("set-cookie").expect("a cookie");
        assert!(cookie.starts_with("__Host-baishe_refresh=") && cookie.contains("Secure"), "{cookie}");
    }
);

both_databases!(a_wrong_password_and_an_unknown_account_are_told_apart_by_nothing, async |app| {
    let tell = |answer: Answer| {
        let mut body = answer.refused(InvalidCredentials).body;
        body["request_id"] = Value::Null;
        body
    };
    let wrong = tell(login(app, Who::Bureau, "not-the-password").await);
    let unknown = app.anonymous().post("/auth/login", json!({ "account": "nobody", "password": "not-the-password" })).await;
    assert_eq!(wrong, tell(unknown));
    app.sql("UPDATE users SET disabled = TRUE WHERE account = 'auditor'").await;
    assert_eq!(wrong, tell(login(app, Who::Auditor, PASSWORD).await));
});

both_databases!(guessing_is_slowed_down_and_waiting_helps, async |app| {
    for _ in 0..5 {
        login(app, Who::Bureau, "guess").await.refused(InvalidCredentials);
    }
    let refused = login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
    assert_eq!(refused.header("retry-after"), Some("1"));
    login(app, Who::TownA, PASSWORD).await.is(200);
    later(app, 1);
    login(app, Who::Bureau, "guess").await.refused(InvalidCredentials);
    let refused = login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
    assert_eq!(refused.header("retry-after"), Some("2"), "each failure doubles the wait");
    later(app, 2);
    login(app, Who::Bureau, PASSWORD).await.is(200);
    login(app, Who::Bureau, "guess").await.refused(InvalidCredentials);
    login(app, Who::Bureau, PASSWORD).await.is(200);
});

both_databases!(guessing_many_at_once_is_no_way_around, async |app| {
    let guesses = (0..40).map(|number| async move { login(app, Who::Bureau, &format!("guess-{number}")).await.status });
    let made = futures_util::future::join_all(guesses).await.iter().filter(|&&status| status == 401).count();
    assert!((5..10).contains(&made), "{made} guesses were made");
});

both_databases!(an_open_session_is_no_way_to_guess_the_password, async |app| {
    let client = sign_in(app, Who::Bureau).await.client;
    let change = async |current: &str| {
        client.put("/me/password", json!({ "current_password": current, "new_password": "三月-麦田-风车-81" })).await
    };
    for _ in 0..5 {
        change("guess-guess").await.fault("/current_password", "password_wrong");
    }
    change(PASSWORD).await.refused(TooManyRequests);
    login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
    later(app, 1);
    change(PASSWORD).await.is(204);
});

both_databases!(pages_of_others_cannot_use_the_cookie, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let send = async |path: &str, site: &str| {
        let call = app.anonymous().call(reqwest::Method::POST, path).header("Cookie", format!("{COOKIE}={}", signed.refresh));
        call.header("Sec-Fetch-Site", site).await
    };
    for foreign in ["cross-site", "same-site"] {
        send("/auth/refresh", foreign).await.refused(Unauthenticated);
        assert_eq!(send("/auth/logout", foreign).await.is(204).header("set-cookie"), None);
    }
    signed.client.get("/me").await.is(200);
    send("/auth/refresh", "same-origin").await.is(200);
});

/// On PostgreSQL alone: SQLite has one writer, and nobody who holds what another waits for.
#[tokio::test]
async fn what_is_cleaned_away_waits_for_nobody_who_holds_some_of_it() {
    let app = TestApp::spawn(Db::Postgres, |_| {}).await;
    let (guessed, signed) = ((1..=3).map(|number| format!("account:{number}")), sign_in(&app, Who::TownA).await);
    for subject in guessed {
        let values = format!("'{subject}', 1, '2020-04-20T02:00:00+00:00'");
        app.sql(&format!("INSERT INTO login_failures (subject, failures, last_at) VALUES ({values})")).await;
    }
    refresh(&app, &signed.refresh).await.is(200);
    let count = async || {
        let sessions = "SELECT COUNT(*) FROM sessions WHERE expires_at < '2100-01-01'";
        (app.number("SELECT COUNT(*) FROM login_failures").await, app.number(sessions).await)
    };
    assert_eq!(count().await, (3, 1));
    app.clock.set(app.clock.now() + TimeDelta::days(365));
    // Somebody holds one of each, and would wait for another that the chore has.
    let held = Tx::system(&app.app).await.expect("a transaction");
    held.connection
        .execute_unprepared("SELECT 1 FROM login_failures WHERE subject = 'account:2' FOR UPDATE")
        .await
        .expect("held");
    held.connection.execute_unprepared("SELECT 1 FROM sessions FOR UPDATE").await.expect("held");
    startup::tidy(&app.app).await;
    assert_eq!(count().await, (1, 1), "the others are gone");
    drop(held);
    startup::tidy(&app.app).await;
    assert_eq!(count().await, (0, 0));
}

both_databases!(of_several_waits_the_longest_counts, async |app| {
    let delay = async |subject: &str, seconds: i64| {
        let until = (app.clock.now() + TimeDelta::seconds(seconds)).to_rfc3339();
        app.sql(&format!(
            "INSERT INTO login_failures (subject, failures, last_at, locked_until) VALUES ('{subject}', 1, '{until}', '{until}')"
        ))
        .await;
    };
    let bureau = platform::crypto::hex(&app.app.vault.hash("account", "bureau"));
    let subjects = [
        "address:127.0.0.1".to_owned(),
        format!("pair:{bureau} 127.0.0.1"),
        format!("account:{bureau}"),
        format!("halfway:{bureau} 127.0.0.1"),
    ];
    for longest in 0..subjects.len() {
        for (number, subject) in subjects.iter().enumerate() {
            delay(subject, if number == longest { 40 } else { 10 + number as i64 }).await;
        }
        let refused = login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
        assert_eq!(refused.header("retry-after"), Some("40"), "{}", subjects[longest]);
        later(app, 39);
        login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
        later(app, 1);
        login(app, Who::Bureau, PASSWORD).await.is(200);
        app.sql("DELETE FROM login_failures").await;
    }
});

async fn login_from(app: &TestApp, address: &str, who: Who, password: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "account": who.account(), "password": password });
    if let Some(code) = code {
        body["verification_code"] = json!(code);
    }
    app.anonymous().post("/auth/login", body).header("X-Forwarded-For", address).await
}

both_databases!(one_place_locks_nobody_out_elsewhere, with | config | { config.trust_proxy = true }, async |app| {
    // From one network, whatever address of it is used, and as long as it likes.
    for number in 0..5 {
        login_from(app, &format!("2001:db8:1:2::{number}"), Who::Admin, "guess", None).await.refused(InvalidCredentials);
    }
    for _ in 0..110 {
        let refused = login_from(app, "2001:db8:1:2:ffff::1", Who::Admin, "guess", None).await.refused(TooManyRequests);
        let wait: i64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("seconds");
        later(app, wait);
        login_from(app, "2001:db8:1:2:ffff::2", Who::Admin, "guess", None).await;
    }
    login_from(app, "2001:db8:1:2::9", Who::Admin, PASSWORD, None).await.refused(TooManyRequests);
    login_from(app, "2001:db8:1:3::9", Who::Admin, PASSWORD, None).await.is(200);
    login_from(app, "192.0.2.7", Who::Admin, PASSWORD, None).await.is(200);
});

both_databases!(a_network_is_counted_as_one_address, with | config | { config.trust_proxy = true }, async |app| {
    for number in 0..50 {
        let account = json!({ "account": format!("nobody-{number}"), "password": "guess" });
        let call = app.anonymous().post("/auth/login", account).header("X-Forwarded-For", format!("2001:db8:7:7::{number:x}"));
        call.await.refused(InvalidCredentials);
    }
    login_from(app, "2001:db8:7:7:1::1", Who::TownA, PASSWORD, None).await.refused(TooManyRequests);
    login_from(app, "2001:db8:7:8::1", Who::TownA, PASSWORD, None).await.is(200);
});

both_databases!(
    an_owner_with_a_code_gets_past_what_others_failed_at,
    with | config | { config.trust_proxy = true },
    async |app| {
        let signed = sign_in(app, Who::TownA).await;
        let authenticator = Authenticator::add(app, &signed.client).await;
        later(app, 60);
        // Strangers at twenty addresses.
        for number in 0..100 {
            let address = format!("198.51.100.{}", number / 5);
            let code = (number % 2 == 0).then_some("000000");
            login_from(app, &address, Who::TownA, "guess", code).await.refused(InvalidCredentials);
        }
        let home = "192.0.2.7";
        login_from(app, home, Who::TownA, PASSWORD, None).await.refused(TooManyRequests);
        // Whoever has not both learns nothing: not that the password was right, and not that it was wrong.
        let tell = |answer: Answer| {
            let answer = answer.refused(TooManyRequests);
            let mut body = answer.body.clone();
            body["request_id"] = Value::Null;
            (body, answer.header("retry-after").map(str::to_owned))
        };
        let code = authenticator.code(app, 0);
        let answers = [
            tell(login_from(app, "203.0.113.1", Who::TownA, PASSWORD, Some("000000")).await),
            tell(login_from(app, "203.0.113.2", Who::TownA, "guess", Some(&code)).await),
            tell(login_from(app, "203.0.113.3", Who::TownA, "guess", Some("000000")).await),
        ];
        assert!(answers.iter().all(|answer| answer.0 == answers[0].0), "{answers:?}");
        login_from(app, home, Who::TownA, PASSWORD, Some(&code)).await.is(200);
        // And with that the delay is over for all.
        later(app, 60);
        login_from(app, "192.0.2.8", Who::TownA, PASSWORD, Some(&authenticator.code(app, 0))).await.is(200);
    }
);

both_databases!(codes_cannot_be_guessed_from_many_places, with | config | { config.trust_proxy = true }, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    later(app, 60);
    for number in 0..10 {
        login_from(app, &format!("198.51.100.{number}"), Who::TownA, PASSWORD, Some("000000")).await.refused(SecondFactorWrong);
    }
    let code = authenticator.code(app, 0);
    login_from(app, "192.0.2.7", Who::TownA, PASSWORD, Some(&code)).await.refused(TooManyRequests);
    // Nor under a delay that was brought about for it.
    for number in 0..100 {
        login_from(app, &format!("203.0.113.{}", number / 5), Who::TownA, "guess", None).await;
    }
    login_from(app, "192.0.2.7", Who::TownA, PASSWORD, Some(&code)).await.refused(TooManyRequests);
});

both_databases!(a_right_password_without_its_code_is_in_the_trail_and_counted, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    later(app, 60);
    for _ in 0..20 {
        login(app, Who::TownA, PASSWORD).await.refused(SecondFactorRequired);
    }
    let trail = app.as_(Who::Auditor).get("/audit-events?action=login_halfway&outcome=refused&limit=50").await.is(200);
    let person = app.world.accounts[&Who::TownA].user_id.to_string();
    assert_eq!(trail.items().len(), 20);
    assert!(trail.items().iter().all(|event| event["object_id"] == person && event["address"] == "127.0.0.1"));
    // Whoever goes on without a code has to wait; whoever has one is not locked out by it.
    login(app, Who::TownA, PASSWORD).await.refused(TooManyRequests);
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.is(200);
    login(app, Who::TownA, PASSWORD).await.refused(SecondFactorRequired);
});

// In the wrong field it may be a password.
both_databases!(what_is_typed_as_an_account_is_kept_nowhere, async |app| {
    let typed = json!({ "account": "my-secret-Longan-7", "password": "oops-the-other-field" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    assert_eq!(secrets::told(&app.bytes_written().await, ["my-secret-Longan-7", "oops-the-other-field"]), [""; 0]);
});

both_databases!(one_address_cannot_try_all_accounts, async |app| {
    app.sql(
        "INSERT INTO login_failures (subject, failures, last_at) VALUES ('address:127.0.0.1', 49, '2020-04-20T02:00:00+00:00')",
    )
    .await;
    login(app, Who::Bureau, PASSWORD).await.is(200);
    login(app, Who::TownA, "guess").await.refused(InvalidCredentials);
    login(app, Who::Bureau, PASSWORD).await.refused(TooManyRequests);
    later(app, 1);
    login(app, Who::Bureau, PASSWORD).await.is(200);
});

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
    // What says nothing of its tokens was not opened by the service.
    app.sql("UPDATE sessions SET family_hash = NULL").await;
    refresh(app, &other).await.refused(SessionEnded);
    refresh(app, &mine).await.refused(SessionEnded);
});

both_databases!(a_refresh_token_is_good_once, async |app| {
    let first = sign_in(app, Who::TownA).await.refresh;
    later(app, 60);
    let second = refresh(app, &first).await.is(200).cookie(COOKIE).expect("a new one");
    assert_ne!(first, second);
    // A tab that raced the other goes on, without a token of its own.
    later(app, 30);
    let raced = refresh(app, &first).await.is(200);
    assert_eq!(raced.cookie(COOKIE), None);
    let third = refresh(app, &second).await.is(200).cookie(COOKIE).expect("a new one");
    // Later than that it was stolen: the session is over for both who hold one.
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
    // Made up by somebody who knows the session but never had a token of it: nobody is put out for that.
    let (session, _) = newest.split_once('.').expect("an id");
    for made_up in [format!("{session}.x.y"), format!("{session}.{}", &signed.refresh[..8]), format!("{newest}.x")] {
        refresh(app, &made_up).await.refused(SessionEnded);
    }
    newest = refresh(app, &newest).await.is(200).cookie(COOKIE).expect("a new one");
    let fresh = refresh(app, &newest).await.is(200);
    let client = app.with_token(fresh["access_token"].as_str().expect("a token"));
    client.get("/me").await.is(200);
    // One that was in use four rotations ago was kept by somebody.
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
    // What is set to be shorter from now on holds for those that go on.
    let used = sign_in(app, Who::TownA).await.refresh;
    let began = (app.clock.now() - TimeDelta::days(30)).to_rfc3339();
    app.sql(&format!("UPDATE sessions SET created_at = '{began}' WHERE expires_at > '{}'", app.clock.now().to_rfc3339())).await;
    refresh(app, &used).await.refused(SessionEnded);
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
        // The first goes on being used: it is the second that is left alone.
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
        // That of the template was the first to go.
        assert_eq!(trail.items().len(), 2);
        let many = futures_util::future::join_all((0..8).map(|_| login(app, Who::TownB, PASSWORD))).await;
        assert!(many.iter().all(|answer| answer.status == 200));
        let live =
            "SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.account = 'townb' AND s.ended_at IS NULL";
        assert_eq!(app.number(live).await, 3, "nor are there more of those that begin at once");
    }
);

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
    // Whose session it was stands in the trail.
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

both_databases!(a_new_password_ends_the_other_sessions, async |app| {
    let (here, there) = (sign_in(app, Who::TownA).await, sign_in(app, Who::TownA).await);
    let change =
        |current: &str, new: &str| here.client.put("/me/password", json!({ "current_password": current, "new_password": new }));
    change("not it", "another-Longan-Orchard-7").await.fault("/current_password", "password_wrong");
    change(PASSWORD, "short").await.fault("/new_password", "length");
    for weak in ["password123", "1234567890", "townatowna"] {
        change(PASSWORD, weak).await.fault("/new_password", "password_common");
    }
    change(PASSWORD, PASSWORD).await.fault("/new_password", "password_unchanged");
    there.client.get("/me").await.is(200);
    change(PASSWORD, "another-Longan-Orchard-7").await.is(204);
    here.client.get("/me").await.is(200);
    there.client.get("/me").await.refused(SessionEnded);
    refresh(app, &there.refresh).await.refused(SessionEnded);
    login(app, Who::TownA, PASSWORD).await.refused(InvalidCredentials);
    login(app, Who::TownA, "another-Longan-Orchard-7").await.is(200);
});

// Eight of them kept everybody waiting for twenty seconds.
both_databases!(long_passwords_keep_nobody_waiting, async |app| {
    let here = sign_in(app, Who::TownA).await;
    let long = "p4$$w0rd@1!|3".repeat(15);
    let changes =
        (0..40).map(|_| here.client.put("/me/password", json!({ "current_password": PASSWORD, "new_password": &long })));
    let changes = futures_util::future::join_all(changes.map(IntoFuture::into_future));
    let others = futures_util::future::join_all((0..8).map(|_| login(app, Who::TownB, PASSWORD)));
    let began = std::time::Instant::now();
    let others = async { (others.await, began.elapsed()) };
    let (changes, (others, took)) = futures_util::future::join(changes, others).await;
    println!("8 sign-ins beside 40 changes of a password: {took:?}");
    assert!(others.iter().all(|answer| answer.status == 200) && took.as_secs() < 20, "{took:?}");
    assert!(changes.iter().any(|answer| answer.status == 429), "one caller waits in a part of the queue");
});

both_databases!(a_disabled_person_is_out_at_once, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    app.sql("UPDATE users SET disabled = TRUE WHERE account = 'towna'").await;
    signed.client.get("/villages").await.refused(SessionEnded);
    refresh(app, &signed.refresh).await.refused(SessionEnded);
    login(app, Who::TownA, PASSWORD).await.refused(InvalidCredentials);
    app.sql("UPDATE users SET disabled = FALSE, role = 'cadre' WHERE account = 'towna'").await;
    signed.client.get("/villages").await.refused(Forbidden);
});

both_databases!(demo_accounts_are_of_no_use_where_they_are_not_allowed, async |app| {
    app.sql("UPDATE users SET demo = TRUE WHERE account = 'towna'").await;
    login(app, Who::TownA, PASSWORD).await.refused(InvalidCredentials);
    login(app, Who::TownB, PASSWORD).await.is(200);
});

both_databases!(
    demo_accounts_say_that_they_are,
    with | config | {
        config.allow_demo = true;
    },
    async |app| {
        app.sql("UPDATE users SET demo = TRUE WHERE account = 'towna'").await;
        assert_eq!(login(app, Who::TownA, PASSWORD).await.is(200)["account"]["demo"], true);
    }
);

async fn login_with(app: &TestApp, who: Who, code: &str) -> Answer {
    let body = json!({ "account": who.account(), "password": PASSWORD, "verification_code": code });
    app.anonymous().post("/auth/login", body).await
}

both_databases!(a_second_factor_is_asked_for_and_each_code_is_good_once, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let begin = |body: Value| signed.client.post("/me/second-factor", body);
    begin(json!({ "current_password": "not it" })).await.fault("/current_password", "password_wrong");
    signed
        .client
        .put("/me/second-factor", json!({ "verification_code": "000000" }))
        .await
        .fault("/verification_code", "second_factor_wrong");
    // What was begun and not confirmed asks for nothing.
    begin(json!({ "current_password": PASSWORD })).await.is(200);
    login(app, Who::TownA, PASSWORD).await.is(200);

    let authenticator = Authenticator::add(app, &signed.client).await;
    assert_eq!(signed.client.get("/me").await.is(200)["second_factor"], true);
    login(app, Who::TownA, "not it").await.refused(InvalidCredentials);
    login(app, Who::TownA, PASSWORD).await.refused(SecondFactorRequired);
    // The code it was confirmed with was taken by that.
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, "12345").await.fault("/verification_code", "verification_code");
    later(app, 60);
    let code = authenticator.code(app, 0);
    let tries = (0..4).map(|_| login_with(app, Who::TownA, &code));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "of those who show a code at once one is let in");
    // A clock that is half a minute behind is no fault, one that is two minutes behind is.
    later(app, 600);
    login_with(app, Who::TownA, &authenticator.code(app, -120)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, &authenticator.code(app, -30)).await.is(200);
    let kept = app.texts("SELECT action FROM audit_events WHERE outcome = 'refused'").await;
    assert!(kept.iter().filter(|action| *action == "login").count() >= 5, "{kept:?}");
});

both_databases!(guessing_codes_has_to_wait, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    later(app, 300);
    for _ in 0..5 {
        login_with(app, Who::TownA, "000000").await.refused(SecondFactorWrong);
    }
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.refused(TooManyRequests);
});

both_databases!(another_authenticator_takes_the_place_of_the_first, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let first = Authenticator::add(app, &signed.client).await;
    later(app, 60);
    let begin = |body: Value| signed.client.post("/me/second-factor", body);
    begin(json!({ "current_password": PASSWORD })).await.fault("/verification_code", "required");
    let wrong = json!({ "current_password": PASSWORD, "verification_code": "000000" });
    begin(wrong).await.fault("/verification_code", "second_factor_wrong");
    let right = json!({ "current_password": PASSWORD, "verification_code": first.code(app, 0) });
    let begun = begin(right).await.is(200);
    let second = Authenticator::of(begun["secret"].as_str().expect("a secret"));
    later(app, 60);
    // The first is good until the second is confirmed.
    login_with(app, Who::TownA, &first.code(app, 0)).await.is(200);
    signed.client.put("/me/second-factor", json!({ "verification_code": second.code(app, 0) })).await.is(204);
    later(app, 60);
    login_with(app, Who::TownA, &first.code(app, 0)).await.refused(SecondFactorWrong);
    login_with(app, Who::TownA, &second.code(app, 0)).await.is(200);
});

both_databases!(an_administrator_helps_who_has_lost_the_authenticator, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    let account = format!("/users/{}", app.world.accounts[&Who::TownA].user_id);
    let shown_to_admin = app.admin().get(&account).await.is(200);
    assert_eq!(shown_to_admin["second_factor"], true);
    assert!(!shown_to_admin.body.to_string().contains(&authenticator.secret()));
    app.by_two(app.admin().post(&format!("{account}/reset_second_factor"), json!({ "note": "手机遗失" }))).await;
    signed.client.get("/me").await.refused(SessionEnded);
    login(app, Who::TownA, PASSWORD).await.is(200);
    app.admin().post(&format!("{account}/reset_second_factor"), json!({})).await.refused(IllegalStep);
});

both_databases!(second_factors_are_sealed, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    let secret = authenticator.secret();
    let told = app.texts("SELECT CAST(changes AS text) FROM audit_events").await;
    let answers = app.number("SELECT COUNT(*) FROM idempotency_keys").await;
    assert!(!told.iter().any(|text| text.contains(&secret)));
    assert_eq!(answers, 0, "the answer with the secret is kept for no repeat");
    let hex = if app.db == Db::Sqlite { "hex(second_factor)" } else { "encode(second_factor, 'hex')" };
    let kept = app.texts(&format!("SELECT {hex} FROM users WHERE account = 'towna'")).await;
    let plain: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!kept[0].to_lowercase().contains(&plain) && kept[0].len() > plain.len());
});

both_databases!(
    who_sees_all_families_must_have_a_second_factor,
    with | config | {
        config.require_second_factor = true;
    },
    async |app| {
        for who in [Who::Bureau, Who::Auditor, Who::Admin, Who::SecurityAdmin] {
            let signed = sign_in(app, who).await;
            let me = signed.client.get("/me").await.is(200);
            assert_eq!(me["must_add_second_factor"], true);
            signed.client.get("/villages").await.refused(SecondFactorSetupRequired);
            signed.client.get("/me/sessions").await.refused(SecondFactorSetupRequired);
            Authenticator::add(app, &signed.client).await;
            assert_eq!(signed.client.get("/me").await.is(200)["must_add_second_factor"], false);
            signed.client.get("/me/sessions").await.is(200);
        }
        for who in [Who::TownA, Who::VillageA, Who::OrganisationA, Who::LeadingGroup] {
            sign_in(app, who).await.client.get("/villages").await.is(200);
        }
    }
);
