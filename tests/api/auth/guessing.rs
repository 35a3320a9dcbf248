//! Passwords and codes cannot be guessed, and those who try lock nobody out.

use chrono::TimeDelta;
use contract::ErrorCode::*;
use serde_json::{Value, json};

use super::second_factors::login_with;
use super::{later, login, sign_in};
use crate::both_databases;
use crate::support::*;

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
    // An attacker in one network is counted as one, whichever addresses it uses and for however long.
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

both_databases!(codes_cannot_be_guessed_from_many_places, with | config | { config.trust_proxy = true }, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    later(app, 60);
    for number in 0..10 {
        login_from(app, &format!("198.51.100.{number}"), Who::TownA, PASSWORD, Some("000000")).await.refused(SecondFactorWrong);
    }
    let code = authenticator.code(app, 0);
    login_from(app, "192.0.2.7", Who::TownA, PASSWORD, Some(&code)).await.refused(TooManyRequests);
    // Nor does a delay help that an attacker provokes on purpose.
    for number in 0..100 {
        login_from(app, &format!("203.0.113.{}", number / 5), Who::TownA, "guess", None).await;
    }
    login_from(app, "192.0.2.7", Who::TownA, PASSWORD, Some(&code)).await.refused(TooManyRequests);
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

both_databases!(guessing_codes_has_to_wait, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let authenticator = Authenticator::add(app, &signed.client).await;
    later(app, 300);
    for _ in 0..5 {
        login_with(app, Who::TownA, "000000").await.refused(SecondFactorWrong);
    }
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.refused(TooManyRequests);
});

both_databases!(
    an_owner_with_a_code_gets_past_what_others_failed_at,
    with | config | { config.trust_proxy = true },
    async |app| {
        let signed = sign_in(app, Who::TownA).await;
        let authenticator = Authenticator::add(app, &signed.client).await;
        later(app, 60);
        // Strangers guess from twenty addresses.
        for number in 0..100 {
            let address = format!("198.51.100.{}", number / 5);
            let code = (number % 2 == 0).then_some("000000");
            login_from(app, &address, Who::TownA, "guess", code).await.refused(InvalidCredentials);
        }
        let home = "192.0.2.7";
        login_from(app, home, Who::TownA, PASSWORD, None).await.refused(TooManyRequests);
        // Without both password and code the answer does not tell whether the password was right or wrong.
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
        // The correct sign-in ends the delay for everybody.
        later(app, 60);
        login_from(app, "192.0.2.8", Who::TownA, PASSWORD, Some(&authenticator.code(app, 0))).await.is(200);
    }
);
