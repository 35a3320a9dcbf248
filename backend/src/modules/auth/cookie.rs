//! The refresh cookie: out of reach of scripts, and sent nowhere else.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};

/// Days a session lives without being used.
pub const DAYS: i64 = 14;

fn name(secure: bool) -> &'static str {
    if secure { "__Host-baishe_refresh" } else { "baishe_refresh" }
}

/// The cookie that carries a refresh token; an empty one takes it away.
pub fn set(secure: bool, token: &str) -> Cookie<'static> {
    let age = if token.is_empty() { time::Duration::ZERO } else { time::Duration::days(DAYS) };
    Cookie::build(name(secure), token.to_owned())
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(age)
        .finish()
}

/// The refresh token of a request.
pub fn get(secure: bool, request: &HttpRequest) -> Option<String> {
    request.cookie(name(secure)).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty() && token.len() < 200)
}
