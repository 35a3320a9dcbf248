//! The refresh cookie. Scripts cannot read it, and browsers send it nowhere else.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};

fn name(secure: bool) -> &'static str {
    if secure { "__Host-baishe_refresh" } else { "baishe_refresh" }
}

/// The cookie that carries a refresh token for so many days; an empty one for none takes it away.
pub fn set(secure: bool, token: &str, days: u32) -> Cookie<'static> {
    Cookie::build(name(secure), token.to_owned())
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::days(days.into()))
        .finish()
}

/// Whether a request comes from a page of this very service, as far as the browser tells. `SameSite` also lets through what lies on another port or
/// under another name of the same domain, and that may send people out. A browser that does not say how a page is related
/// says where it comes from.
pub fn is_own_page(request: &HttpRequest) -> bool {
    let said = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    match (said("sec-fetch-site"), said("origin")) {
        (Some(site), _) => site == b"same-origin" || site == b"none",
        (None, Some(origin)) => {
            let host = origin.strip_prefix(b"https://").or_else(|| origin.strip_prefix(b"http://"));
            host == Some(request.connection_info().host().as_bytes())
        }
        (None, None) => true,
    }
}

/// The refresh token of a request, where it comes from an own page.
pub fn get(secure: bool, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(name(secure)).filter(|_| is_own_page(request))?;
    Some(cookie.value().to_owned()).filter(|token| !token.is_empty() && token.len() < 200)
}
