//! Signing in, going on, and being put out.

use chrono::TimeDelta;
use contract::ErrorCode::*;
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
    there.client.get("/me").await.is(200);
    change(PASSWORD, "another-Longan-Orchard-7").await.is(204);
    here.client.get("/me").await.is(200);
    there.client.get("/me").await.refused(SessionEnded);
    refresh(app, &there.refresh).await.refused(SessionEnded);
    login(app, Who::TownA, PASSWORD).await.refused(InvalidCredentials);
    login(app, Who::TownA, "another-Longan-Orchard-7").await.is(200);
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
    app.admin().post(&format!("{account}/reset_second_factor"), json!({})).await.is(200);
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
        for who in [Who::Bureau, Who::Auditor, Who::Admin] {
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
