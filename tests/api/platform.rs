//! Rules for every operation: bad input, headers, languages. Most tests use organisations as an example.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::ErrorCode::*;
use contract::{CodedEnum, ErrorCode, Lang};
use reqwest::Method;
use serde_json::{Value, json};

use crate::both_databases;
use crate::support::*;

both_databases!(a_body_that_cannot_be_read_is_refused_as_such, async |app| {
    let bureau = app.bureau();
    let send = |media_type: &str, body: &str| bureau.call(Method::POST, "/organisations").body(media_type, body);
    let deep = "[".repeat(300);
    for malformed in ["{", "", "{\"name\": \"\\ud800\"}", "{\"member_count\": 1e999}", "\u{feff}{}", "{} {}", &deep] {
        send("application/json", malformed).await.refused(MalformedJson);
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
        send(media_type, "{}").await.refused(UnsupportedMediaType);
    }
    send("application/json", "{}").header("Content-Encoding", "gzip").await.refused(UnsupportedMediaType);
    for wrong in ["[]", "null", "7", "\"text\""] {
        send("application/json", wrong).await.fault("", "type");
    }
    // An array of field values is no object, at whatever depth.
    let positional = with(campaign(), "/phases/0", json!(["preparation", "2020-04-15", "2020-05-31"]));
    bureau.post("/campaigns", positional).await.fault("/phases/0", "type");
    bureau.post("/campaigns", with(campaign(), "/settings", json!([]))).await.fault("/settings", "type");
    send("application/json; charset=utf-8", &organisation(10, TOWN_A).to_string()).await.is(201);
});

both_databases!(a_field_that_is_wrong_is_named, async |app| {
    let bureau = app.bureau();
    let long = "长".repeat(101);
    let cases = [
        ("/colour", json!("red"), "unknown_field"),
        ("/name", Value::Null, "required"),
        ("/name", json!(7), "type"),
        ("/name", json!(long), "length"),
        ("/name", json!("   "), "blank"),
        ("/name", json!(""), "length"),
        ("/name", json!("甲\u{0}乙"), "control_character"),
        ("/name", json!("甲\u{7}乙"), "control_character"),
        ("/name", json!("甲\u{202e}乙"), "control_character"),
        ("/name", json!("甲\n乙"), "control_character"),
        ("/name", json!("甲乙 "), "surrounding_space"),
        ("/strengths", json!("助学\u{200b}"), "control_character"),
        ("/strengths", json!("\u{0}"), "control_character"),
        ("/kind", json!("pub"), "type"),
        ("/member_count", json!(-1), "range"),
        ("/member_count", json!(99_999_999_999_i64), "type"),
        ("/member_count", json!(1.5), "type"),
        ("/contact_phone", json!("call me"), "phone"),
        ("/area_code", json!("35058"), "area_code"),
        (
            "/directed_donations",
            json!([{ "village_code": VILLAGE_A, "donated_on": "+20000-01-01", "amount_fen": 1 }]),
            "/0/donated_on",
        ),
        ("/directed_donations", json!([{ "village_code": "1", "donated_on": "2020-01-01", "amount_fen": 1 }]), "/0/village_code"),
        (
            "/directed_donations",
            json!([{ "village_code": VILLAGE_A, "donated_on": "2020-02-30", "amount_fen": 1 }]),
            "/0/donated_on",
        ),
        (
            "/directed_donations",
            json!([{ "village_code": VILLAGE_A, "donated_on": "2020-02-03", "amount_fen": 0 }]),
            "/0/amount_fen",
        ),
    ];
    for (pointer, value, code) in cases {
        let answer = bureau.post("/organisations", with(organisation(10, TOWN_A), pointer, value)).await;
        if let Some(inner) = code.strip_prefix('/') {
            let inner = format!("{pointer}/{inner}");
            let answer = answer.refused(ValidationFailed);
            assert_eq!(answer["errors"][0]["pointer"], inner);
        } else {
            answer.fault(pointer, code);
        }
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM organisations").await, 3, "nothing was half written");
    let nothing = bureau.post("/organisations", with(organisation(10, TOWN_A), "/name", json!(""))).await;
    assert_eq!(nothing["errors"].as_array().map(Vec::len), Some(1), "one fault is told once");
    // All faults are reported at once, each at its field.
    let spoilt = with(with(organisation(10, TOWN_A), "/credit_code", json!("x")), "/contact_phone", json!("y"));
    let answer = bureau.post("/organisations", spoilt).await.fault("/credit_code", "credit_code_format");
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(2));
});

both_databases!(a_query_that_is_wrong_is_refused, async |app| {
    let bureau = app.bureau();
    for (query, pointer, code) in [
        ("limit=0", "/limit", "range"),
        ("limit=201", "/limit", "range"),
        ("limit=-1", "/limit", "type"),
        ("limit=ten", "/limit", "type"),
        ("limit=5&limit=5", "/limit", "duplicate"),
        ("colour=red", "/colour", "unknown_field"),
        ("sort=colour", "/sort", "type"),
        ("sort=--name", "/sort", "type"),
        ("kind=pub", "/kind", "type"),
        ("within=abc", "/within", "area_code"),
        ("q=", "/q", "length"),
        ("q=%00", "/q", "control_character"),
        ("q=%07", "/q", "control_character"),
    ] {
        bureau.get(&format!("/organisations?{query}")).await.fault(pointer, code);
    }
    bureau.get("/organisations?limit=200&q=%25&sort=-name").await.is(200);
});

both_databases!(a_cursor_that_is_none_of_this_list_is_refused, async |app| {
    let bureau = app.bureau();
    let page = bureau.get("/organisations?limit=1").await.is(200);
    let cursor = page["next_cursor"].as_str().expect("another page").to_owned();
    bureau.get(&format!("/organisations?limit=1&cursor={cursor}")).await.is(200);
    bureau.get(&format!("/organisations?cursor={cursor}&sort=-name")).await.refused(BadCursor);
    bureau.get(&format!("/organisations?cursor={cursor}&sort=credit_code")).await.refused(BadCursor);
    bureau.get("/organisations?cursor=abc").await.refused(BadCursor);
    bureau.get(&format!("/organisations?cursor={}", "a".repeat(1001))).await.fault("/cursor", "length");
    let id = app.world.organisation_a;
    // Forged cursors: their form is valid, but their values do not fit the columns.
    for forged in [
        json!({ "s": "name", "v": { "n": 1 }, "id": { "u": id } }),
        json!({ "s": "name", "v": { "t": "a" }, "id": { "t": "b" } }),
        json!({ "s": "name", "v": { "t": "a\u{0}" }, "id": { "u": id } }),
        json!({ "s": "updated_at", "v": { "t": "yesterday" }, "id": { "u": id } }),
    ] {
        let sort = forged["s"].as_str().expect("an order").to_owned();
        let path = format!("/organisations?limit=1&sort={sort}");
        let forged = URL_SAFE_NO_PAD.encode(forged.to_string());
        // Before and after the database has prepared the statement for a valid cursor.
        for _ in 0..2 {
            let answer = bureau.get(&format!("{path}&cursor={forged}")).await;
            assert!(answer.status == 200 && app.db == Db::Sqlite || answer["code"] == "bad_cursor", "{}", answer.body);
            let good = bureau.get(&path).await.is(200);
            bureau.get(&format!("{path}&cursor={}", good["next_cursor"].as_str().expect("another page"))).await.is(200);
        }
    }
});

both_databases!(what_is_not_there_answers_as_such, async |app| {
    let bureau = app.bureau();
    for path in [
        "/nothing",
        "/organisations/",
        "/organisations/not-a-uuid",
        "/organisations/00000000-0000-7000-8000-000000000000",
        "/areas/%00",
        "/areas/%FF",
        "/villages/%00",
        "/villages/350582999999",
        "/villages/%E4%B8%AD%E6%96%87/history",
    ] {
        bureau.get(path).await.refused(NotFound);
    }
    app.anonymous().get("/problems/nothing").await.refused(NotFound);
    let refused = bureau.call(Method::PUT, "/organisations").json(json!({})).await.refused(MethodNotAllowed);
    let mut allowed: Vec<_> = refused.header("allow").expect("Allow").split(", ").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    bureau.call(Method::DELETE, &app.organisation_a_path()).await.refused(MethodNotAllowed);
});

both_databases!(a_body_beyond_the_limit_is_refused, async |app| {
    let body = with(organisation(10, TOWN_A), "/strengths", json!("长".repeat(400_000)));
    assert!(body.to_string().len() > 1024 * 1024);
    app.bureau().post("/organisations", body).await.refused(PayloadTooLarge);
    let body = with(organisation(10, TOWN_A), "/strengths", json!("a".repeat(1_000_000)));
    app.bureau().post("/organisations", body).await.fault("/strengths", "length");
});

both_databases!(an_answer_carries_what_browsers_and_operators_need, async |app| {
    let answer = app.bureau().get("/campaigns").header("X-Request-Id", "abc-123").await.is(200);
    for (name, value) in [
        ("x-request-id", "abc-123"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    // Answers without personal data may be cached.
    let areas = app.bureau().get("/areas").await.is(200);
    assert_eq!(areas.header("cache-control"), Some("private, no-cache"));
    assert!(areas.header("vary").is_some_and(|vary| vary.contains("Authorization")));
    for path in ["/api/openapi.json", "/.well-known/jwks.json", "/problems/not_found"] {
        assert_eq!(app.anonymous().get(path).await.is(200).header("cache-control"), Some("public, max-age=300"));
    }
    let refused = app.bureau().get("/nothing").header("X-Request-Id", "spaces are no id").await.refused(NotFound);
    assert_ne!(refused.header("x-request-id"), Some("spaces are no id"));
    let head = app.bureau().call(Method::HEAD, "/campaigns").await.is(200);
    assert!(head.bytes.is_empty());
    for path in ["/livez", "/readyz"] {
        assert_eq!(app.anonymous().get(path).await.is(200)["status"], "ok");
    }
    // HEAD works too, as some proxies send it.
    for path in ["/livez", "/readyz", "/api/openapi.json", "/.well-known/jwks.json", "/problems/not_found"] {
        assert!(app.anonymous().call(Method::HEAD, path).await.is(200).bytes.is_empty(), "{path}");
        let refused = app.anonymous().call(Method::POST, path).await.refused(MethodNotAllowed);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"), "{path}");
    }
});

both_databases!(
    who_finds_a_fault_of_security_learns_where_to_report_it,
    with | config | {
        config.security_contact = Some("mailto:security@example.cn".to_owned());
    },
    async |app| {
        let told = app.anonymous().get("/.well-known/security.txt").await.is(200);
        assert!(told.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
        let text = String::from_utf8(told.bytes).expect("UTF-8");
        assert!(text.starts_with("Contact: mailto:security@example.cn\n"), "{text}");
        // Less than a year from now (RFC 9116, 2.5.5).
        assert!(text.contains("Expires: 2020-10-17T00:00:00Z\n"), "{text}");
    }
);

both_databases!(nobody_is_sent_to_where_nobody_reads, async |app| {
    app.anonymous().get("/.well-known/security.txt").await.refused(NotFound);
});

both_databases!(a_problem_speaks_the_caller_s_language_and_has_a_page, async |app| {
    let titles: BTreeMap<_, _> =
        [("zh-CN,zh;q=0.9,en;q=0.8", "未找到"), ("en-GB", "There is no such thing"), ("fr", "未找到")].into();
    for (language, title) in titles {
        let refused = app.bureau().get("/nothing").header("Accept-Language", language).await.refused(NotFound);
        assert_eq!(refused["title"], title);
    }
    let spoilt = with(organisation(10, TOWN_A), "/name", json!(""));
    let refused = app.bureau().post("/organisations", spoilt).header("Accept-Language", "en").await.fault("/name", "length");
    assert_eq!(refused["errors"][0]["message"], "must be between 2 and 100 characters");
    assert_eq!(refused.header("content-language"), Some("en"));
    for code in ErrorCode::ALL {
        let page = app.anonymous().get(&format!("/problems/{}", code.code())).await.is(200);
        let text = String::from_utf8(page.bytes).expect("text");
        assert!(
            text.contains(code.label(Lang::ZhCn))
                && text.contains(code.label(Lang::En))
                && text.contains(&code.status().to_string())
        );
    }
});
