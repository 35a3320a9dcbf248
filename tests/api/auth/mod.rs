//! Signing in, refreshing a session, and losing it.

mod guessing;
mod second_factors;
mod sessions;

use baishe::startup;
use chrono::TimeDelta;
use contract::ErrorCode::*;
use platform::Tx;
use sea_orm::ConnectionTrait;
use second_factors::login_with;
use serde_json::{Value, json};

use super::Domain;
use super::authorization::{Made, Target, op};
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[
        op("read_me"),
        op("begin_second_factor").body(|_, _| json!({ "current_password": PASSWORD })),
        op("confirm_second_factor")
            .body(|_, _| json!({ "verification_code": "000000" }))
            .only(&[])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("list_own_history"),
        op("mark_own_history").body(|_, _| json!({ "until": NOW })),
        op("list_sessions"),
        op("end_session").on(own_session).everywhere(),
        op("end_other_sessions").on(own_session).everywhere(),
        // This row comes last, because other rows of the table sign in with the old password.
        op("change_password").body(|_, _| json!({ "current_password": PASSWORD, "new_password": format!("{PASSWORD}-anew") })),
    ],
    pages: &[("bureau", "/account")],
    ..Domain::EMPTY
};

/// Opens another session of the caller.
pub fn own_session(app: &TestApp, who: Who) -> Made<'_> {
    Box::pin(async move {
        login(app, who, PASSWORD).await.is(200);
        let sessions = app.as_(who).get("/me/sessions").await.is(200);
        let other = sessions.items().iter().find(|session| session["current"] == false).expect("the session just opened");
        Target::at(format!("/me/sessions/{}", other["id"].as_str().expect("an id")))
    })
}

pub const COOKIE: &str = "baishe_refresh";

/// A client and refresh token from signing in as a person does.
pub struct Signed {
    pub client: Client,
    pub refresh: String,
}

pub async fn sign_in(app: &TestApp, who: Who) -> Signed {
    let answer = login(app, who, PASSWORD).await.is(200);
    signed(app, &answer)
}

pub fn signed(app: &TestApp, answer: &Answer) -> Signed {
    let token = answer["access_token"].as_str().expect("a token");
    Signed { client: app.with_token(token), refresh: answer.cookie(COOKIE).expect("a refresh token") }
}

pub async fn login(app: &TestApp, who: Who, password: &str) -> Answer {
    app.anonymous().post("/auth/login", json!({ "account": who.account(), "password": password })).await
}

pub async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().call(reqwest::Method::POST, "/auth/refresh").header("Cookie", format!("{COOKIE}={token}")).await
}

pub fn later(app: &TestApp, seconds: i64) {
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

both_databases!(pages_of_others_cannot_use_the_cookie_in_a_browser_that_tells_nothing_but_the_origin, async |app| {
    let signed = sign_in(app, Who::TownA).await;
    let send = async |path: &str, origin: &str| {
        let call = app.anonymous().call(reqwest::Method::POST, path).header("Cookie", format!("{COOKIE}={}", signed.refresh));
        call.header("Origin", origin).await
    };
    let own = app.address.to_string();
    let other_port = format!("http://{}:1", app.address.ip());
    for foreign in ["null", "https://elsewhere.cn", &other_port, &format!("http://{own}.elsewhere.cn"), &own] {
        send("/auth/refresh", foreign).await.refused(Unauthenticated);
        assert_eq!(send("/auth/logout", foreign).await.is(204).header("set-cookie"), None, "{foreign}");
    }
    signed.client.get("/me").await.is(200);
    send("/auth/refresh", &format!("http://{own}")).await.is(200);
});

/// PostgreSQL only: SQLite has a single writer, so no transaction waits for the row locks of another.
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
    // Another transaction locks one row of each kind. Waiting for it could deadlock with the chore.
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
    // Attempts without a code must wait. They do not lock out whoever has the code.
    login(app, Who::TownA, PASSWORD).await.refused(TooManyRequests);
    login_with(app, Who::TownA, &authenticator.code(app, 0)).await.is(200);
    login(app, Who::TownA, PASSWORD).await.refused(SecondFactorRequired);
});

// A password may have been typed into the wrong field.
both_databases!(what_is_typed_as_an_account_is_kept_nowhere, async |app| {
    let typed = json!({ "account": "my-secret-Longan-7", "password": "oops-the-other-field" });
    app.anonymous().post("/auth/login", typed).await.refused(InvalidCredentials);
    assert_eq!(secrets::told(&app.bytes_written().await, ["my-secret-Longan-7", "oops-the-other-field"]), [""; 0]);
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

// Before there was a limit, eight such requests made everybody wait for twenty seconds.
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

both_databases!(
    a_crowd_that_signs_in_is_turned_away_for_a_moment_and_keeps_nobody_from_working,
    with | config | {
        config.trust_proxy = true;
    },
    async |app| {
        let here = sign_in(app, Who::TownA).await;
        let crowd = (0..200).map(|number| {
            let body = json!({ "account": format!("nobody-{number}"), "password": PASSWORD });
            app.anonymous().post("/auth/login", body).header("X-Forwarded-For", format!("2001:db8:{number:x}::1")).into_future()
        });
        let crowd = futures_util::future::join_all(crowd);
        let work = async {
            for _ in 0..20 {
                here.client.get("/villages").await.is(200);
            }
            let new = json!({ "current_password": PASSWORD, "new_password": "stone-Heron-Ferry-58" });
            here.client.put("/me/password", new).await.is(204);
        };
        let (crowd, ()) = futures_util::future::join(crowd, work).await;
        let (away, answered): (Vec<_>, Vec<_>) = crowd.into_iter().partition(|answer| answer.status == 503);
        println!("{} of 200 were turned away", away.len());
        assert!(!away.is_empty() && answered.len() >= 64, "{} of 200", away.len());
        for answer in away {
            assert_eq!(answer.header("retry-after"), Some("2"));
            answer.refused(Unavailable);
        }
        answered.into_iter().for_each(|answer| drop(answer.refused(InvalidCredentials)));
        login(app, Who::TownB, PASSWORD).await.is(200);
    }
);

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
