//! Tokens that somebody else made.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::ErrorCode::*;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use platform::token::{Claims, LIFETIME, Tokens};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::both_databases;
use crate::support::*;

both_databases!(only_our_own_tokens_are_believed, async |app| {
    let account = app.world.accounts[&Who::Bureau];
    let now = app.clock.now();
    let good = app.app.tokens.issue(account.user_id, account.session_id, now).expect("a token");
    app.with_token(&good).get("/me").await.is(200);

    let other = Tokens::load(&app.app.config.data_dir.join("other keys")).expect("other keys");
    let foreign = other.issue(account.user_id, account.session_id, now).expect("a token");
    let claims = json!({
        "iss": "baishe", "aud": "baishe-api", "sub": account.user_id, "sid": account.session_id, "iat": now.timestamp(),
        "exp": now.timestamp() + LIFETIME,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let jwks = app.anonymous().get("/.well-known/jwks.json").await.is(200);
    let key = &jwks["keys"][0];
    let (kid, x) = (key["kid"].as_str().expect("an id"), key["x"].as_str().expect("a key"));
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "kid": kid })), part(&claims));
    // The public key used as a shared secret.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(kid.to_owned());
    let confused = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(x.as_bytes())).expect("a token");
    // The service's own signature under claims that it would not make.
    let pem = std::fs::read(app.app.config.keys_dir().join("0001.pem")).expect("the key");
    let pem = EncodingKey::from_ed_pem(&pem).expect("a key");
    header.alg = Algorithm::EdDSA;
    let says = |claims: &Value| jsonwebtoken::encode(&header, claims, &pem).expect("a token");
    app.with_token(says(&claims)).get("/me").await.is(200);
    let (head, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let altered = format!("{head}.{}.{signature}", part(&with(claims.clone(), "/exp", json!(now.timestamp() + 9_999_999))));
    for bad in [
        foreign,
        unsigned,
        confused,
        altered,
        says(&with(claims.clone(), "/aud", json!("another-api"))),
        says(&with(claims.clone(), "/iss", json!("somebody"))),
        says(&with(claims.clone(), "/exp", json!(now.timestamp()))),
        says(&with(claims.clone(), "/exp", Value::Null)),
        says(&with(claims.clone(), "/sid", json!("x"))),
        format!("{head}.{body}."),
        "x".to_owned(),
        "a.b.c".to_owned(),
    ] {
        app.with_token(&bad).get("/me").await.refused(Unauthenticated);
    }
    let gone = says(&with(claims, "/sid", json!(Uuid::now_v7())));
    app.with_token(gone).get("/me").await.refused(SessionEnded);
    app.anonymous().get("/me").header("Authorization", "Basic YTpi").await.refused(Unauthenticated);
});

both_databases!(anybody_can_check_a_token_by_the_published_keys, async |app| {
    let account = app.world.accounts[&Who::Bureau];
    let token = app.app.tokens.issue(account.user_id, account.session_id, app.clock.now()).expect("a token");
    let jwks = app.anonymous().get("/.well-known/jwks.json").await.is(200);
    let kid = jsonwebtoken::decode_header(&token).expect("a header").kid.expect("the id of its key");
    let keys = jwks["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == kid.as_str()).expect("its key");
    assert!(key["d"].is_null(), "the private half stays private");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["baishe-api"]);
    // The service's clock is in 2020 here.
    validation.validate_exp = false;
    let key = DecodingKey::from_ed_components(key["x"].as_str().expect("a key")).expect("a public key");
    let claims = jsonwebtoken::decode::<Claims>(&token, &key, &validation).expect("a good token").claims;
    assert_eq!((claims.sub, claims.sid), (account.user_id, account.session_id));
});
