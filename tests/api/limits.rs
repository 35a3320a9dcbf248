//! Limits on what one caller, and all callers together, may ask of the service; and where a request comes from.

use contract::ErrorCode::*;
use futures_util::future::join_all;
use platform::rate::Subject;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::both_databases;
use crate::processes::{begin, end};
use crate::support::*;

both_databases!(a_caller_has_an_allowance_of_requests, with | config | { config.rate_limit = 5 }, async |app| {
    let bureau = app.bureau();
    for left in (0..5).rev() {
        let answer = bureau.get("/campaigns").await.is(200);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=5;w=60"));
        let reset = (5 - left) * 12;
        assert_eq!(answer.header("ratelimit"), Some(format!("\"caller\";r={left};t={reset}").as_str()));
    }
    let refused = bureau.post("/campaigns", campaign()).await.refused(TooManyRequests);
    assert_eq!(refused.header("ratelimit"), Some("\"caller\";r=0;t=60"));
    let wait: u64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("seconds to wait");
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(app.number("SELECT COUNT(*) FROM campaigns").await, 0);
    // Each account has its own allowance. Refused requests count as well; requests without a valid token count against the
    // address.
    app.town_a().get("/nothing-of-the-kind").await.refused(NotFound);
    let refused = app.town_a().get("/organisations?limit=0").await.fault("/limit", "range");
    assert_eq!(refused.header("ratelimit"), Some("\"caller\";r=4;t=12"));
    for left in (0..5).rev() {
        let stranger = if left % 2 == 0 { app.anonymous() } else { app.with_token("forged") };
        let refused = stranger.get("/campaigns").await.refused(Unauthenticated);
        assert_eq!(refused.header("ratelimit"), Some(format!("\"caller\";r={left};t={}", (5 - left) * 12).as_str()));
    }
    let input = json!({ "account": Who::Bureau.account(), "password": PASSWORD });
    app.anonymous().post("/auth/login", input).await.refused(TooManyRequests);
    app.town_a().get("/campaigns").await.is(200);
    // Monitoring asks often whether the service is alive, and has no allowance to use up.
    for _ in 0..6 {
        app.anonymous().get("/livez").await.is(200);
    }
});

both_databases!(what_is_too_much_at_once_is_turned_away_at_once, with | config | { config.max_requests = 1 }, async |app| {
    // A request that waits for somebody else's lock.
    let held = app.app.database.begin().await.expect("a transaction");
    if app.db == Db::Postgres {
        held.execute_unprepared("LOCK TABLE organisations").await.expect("the table is held");
    }
    let working = tokio::spawn(app.bureau().post("/organisations", organisation(10, TOWN_A)).attempt());
    eventually("it is worked on", || async { app.app.places.free() == 0 }).await;
    let refused = app.town_a().get("/campaigns").await.refused(Unavailable);
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.anonymous().get("/livez").await.is(200);
    app.anonymous().get("/readyz").await.is(200);
    held.rollback().await.expect("it is let go");
    working.await.expect("it goes on").expect("an answer").is(201);
    app.town_a().get("/campaigns").await.is(200);
});

both_databases!(who_waits_for_a_body_is_in_nobodys_way, with | config | { config.max_requests = 1 }, async |app| {
    let body = organisation(10, TOWN_A).to_string();
    let first = begin(app.address, &app.token(Who::Bureau), &body).await;
    eventually("it waits for the body", || async { app.app.places.free() == 1 }).await;
    app.town_a().get("/campaigns").await.is(200);
    let answer = end(first, &body).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
});

both_databases!(what_one_caller_has_in_hand_is_a_part_of_all, with | config | { config.max_requests = 8 }, async |app| {
    let body = organisation(10, TOWN_A).to_string();
    let first =
        [begin(app.address, &app.token(Who::Bureau), &body).await, begin(app.address, &app.token(Who::Bureau), &body).await];
    let refused = app.bureau().get("/campaigns").await.refused(TooManyRequests);
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.town_a().get("/campaigns").await.is(200);
    drop(first);
    eventually("what is broken off is in hand no more", || async { app.bureau().get("/campaigns").await.status == 200 }).await;
});

/// Eight such bodies would use up all the memory reserved for bodies.
const LARGE: usize = 8 * 1024 * 1024;

both_databases!(one_account_leaves_memory_for_the_uploads_of_others, async |app| {
    let head = format!(
        "POST /api/v1/attachments HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; \
         boundary=b\r\nContent-Length: {}\r\n\r\n--b",
        app.token(Who::OrganisationA),
        LARGE
    );
    let streams = join_all((0..17).map(async |_| {
        let mut stream = TcpStream::connect(app.address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("the beginning is sent");
        stream
    }));
    let streams = streams.await;
    let one = Subject::Account(app.world.accounts[&Who::OrganisationA].user_id);
    eventually("it has all that it may", || async { app.app.places.memory.take(&one, LARGE).is_none() }).await;
    let id = app.world.organisation_b.to_string();
    app.attached(Who::OrganisationB, "organisations", &id).await.is(201);
    drop(streams);
});

both_databases!(what_nobody_has_signed_in_for_is_small, async |app| {
    let long = json!({ "account": "bureau", "password": "x".repeat(16 * 1024) });
    app.anonymous().post("/auth/login", long).await.refused(PayloadTooLarge);
    let long = json!({ "account": "bureau", "password": "x".repeat(16 * 1024 - 100) });
    app.anonymous().post("/auth/login", long).await.fault("/password", "length");
    app.bureau().post("/organisations", json!({ "name": "x".repeat(17 * 1024) })).await.refused(ValidationFailed);
});

both_databases!(a_trace_is_taken_up_and_passed_on, async |app| {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let ask = async |traceparent: String| app.bureau().get("/campaigns").header("traceparent", traceparent).await.is(200);
    let answer = ask(format!("00-{trace}-00f067aa0ba902b7-01")).await;
    let passed = answer.header("traceresponse").expect("our span in the trace");
    let [version, trace_id, span_id, flags] = passed.split('-').collect::<Vec<_>>()[..] else { panic!("{passed}") };
    assert_eq!((version, trace_id, flags), ("00", trace, "01"));
    assert!(span_id.len() == 16 && span_id != "00f067aa0ba902b7");
    assert_eq!(ask(format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))).await.header("traceresponse"), None);
    let refused = app.anonymous().get("/campaigns").header("traceparent", format!("00-{trace}-00f067aa0ba902b7-00")).await;
    assert!(refused.refused(Unauthenticated).header("traceresponse").is_some_and(|passed| passed.contains(trace)));
});

/// The address from which the service believes a session was opened.
async fn signed_in_from(app: &TestApp, headers: &[(&'static str, &str)]) -> String {
    let input = json!({ "account": Who::Bureau.account(), "password": PASSWORD });
    let mut call = app.anonymous().post("/auth/login", input);
    for (name, value) in headers {
        call = call.header(name, *value);
    }
    call.await.is(200);
    let newest = "SELECT address FROM sessions WHERE address IS NOT NULL ORDER BY id DESC LIMIT 1";
    app.texts(newest).await.remove(0)
}

both_databases!(an_address_is_what_our_own_proxy_says, with | config | { config.trust_proxy = true }, async |app| {
    let from = async |headers: &[_]| signed_in_from(app, headers).await;
    assert_eq!(from(&[]).await, "127.0.0.1");
    assert_eq!(from(&[("X-Forwarded-For", "192.0.2.7")]).await, "192.0.2.7");
    assert_eq!(
        from(&[("X-Forwarded-For", "203.0.113.1, 2001:db8::7")]).await,
        "2001:db8::7",
        "what the caller made up comes first"
    );
    assert_eq!(from(&[("Forwarded", "for=203.0.113.1"), ("X-Forwarded-For", "192.0.2.7")]).await, "192.0.2.7");
    assert_eq!(from(&[("X-Forwarded-For", "nonsense")]).await, "127.0.0.1");
});

both_databases!(an_address_is_not_what_a_caller_says, async |app| {
    assert_eq!(signed_in_from(app, &[("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=192.0.2.7")]).await, "127.0.0.1");
});

both_databases!(who_would_speak_another_protocol_gets_an_ordinary_answer, async |app| {
    let mut stream = TcpStream::connect(app.address).await.expect("a connection");
    let head = "GET /problems/not_found HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAccept-Encoding: gzip\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer that ends");
    let answer = String::from_utf8(answer).expect("text, not compressed");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let length = format!("content-length: {}", body.len());
    assert!(head.starts_with("HTTP/1.1 200") && head.contains(&length), "{head}");
});
