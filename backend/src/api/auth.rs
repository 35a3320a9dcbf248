//! Operations on the caller's own account and sessions.

use actix_web::http::header;
use actix_web::web::{Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use contract::ErrorCode;
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::auth::{
    Account, LoginInput, NewSecondFactor, PasswordInput, SecondFactorInput, SecondFactorProof, SeenInput, Session, SessionInfo,
    SessionQuery,
};
use contract::permission::need::{UseAccount, UseSessions};
use domains::auth::service::{self, Opened};
use domains::auth::{credentials, own_history, second_factor};
use platform::api::Api;
use platform::principal::Open;
use platform::routes;
use platform::{Body, Change, Guard, Query, Result};
use uuid::Uuid;

use super::cookie;

pub fn add(api: &mut Api) {
    routes!(
        api,
        login,
        refresh_session,
        logout,
        read_me,
        change_password,
        begin_second_factor,
        confirm_second_factor,
        list_own_history,
        mark_own_history,
        list_sessions,
        end_session,
        end_other_sessions
    );
}

/// Sign in
///
/// Answers with an access token, and sets the refresh token as a cookie that scripts cannot read. An account has a limited
/// number of sessions; the one used least ends when there is another. Failures are counted, and who fails too often has to
/// wait; where others made an account wait, its owner is let in with password and code at once.
#[utoipa::path(post, path = "/auth/login", request_body = LoginInput, responses(
    (status = 200, description = "The session", body = Session),
    (status = 401, description = "The account or the password is wrong", body = contract::Problem, content_type = "application/problem+json")))]
pub async fn login(open: Open, request: HttpRequest, body: Body<LoginInput>) -> Result<HttpResponse> {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let opened = service::login(open.app(), &open, body.0, agent).await?;
    Ok(respond(&open, opened))
}

/// Go on with a session
///
/// Takes the refresh cookie and gives a new one. An old one that comes back after 30 seconds ends the session.
#[utoipa::path(post, path = "/auth/refresh", responses(
    (status = 200, description = "The session", body = Session),
    (status = 401, description = "The session has ended", body = contract::Problem, content_type = "application/problem+json")))]
pub async fn refresh_session(open: Open, request: HttpRequest) -> Result<HttpResponse> {
    let token = cookie::get(open.app().config.secure_cookies, &request).ok_or(ErrorCode::Unauthenticated)?;
    let opened = service::refresh(open.app(), &token).await?;
    Ok(respond(&open, opened))
}

/// Sign out
///
/// Ends the session of the refresh cookie and takes the cookie away.
#[utoipa::path(post, path = "/auth/logout", responses((status = 204, description = "Signed out")))]
pub async fn logout(open: Open, request: HttpRequest) -> Result<HttpResponse> {
    let secure = open.app().config.secure_cookies;
    let mut answer = HttpResponse::NoContent();
    if cookie::is_own_page(&request) {
        service::logout(open.app(), &open, cookie::get(secure, &request).as_deref()).await?;
        answer.cookie(cookie::set(secure, "", 0));
    }
    Ok(answer.finish())
}

/// Read one's own account
#[utoipa::path(get, path = "/me", responses((status = 200, description = "The account", body = Account)))]
pub async fn read_me(guard: Guard<UseAccount>) -> Result<Json<Account>> {
    service::account(guard.app(), guard.user_id).await.map(Json)
}

/// List the history of one's own account
///
/// What was done with it and asked for, by whom and why. Nobody can take anything out of it.
#[utoipa::path(get, path = "/me/history", params(HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_own_history(guard: Guard<UseAccount>, query: Query<HistoryQuery>) -> Result<Json<Page<HistoryEntry>>> {
    own_history::list(&guard.asker(), query.0).await.map(Json)
}

/// Mark the history of one's own account as seen
///
/// `unseen_changes` of the account counts what came later. Nobody else can do it for one.
#[utoipa::path(put, path = "/me/history/seen", request_body = SeenInput, responses((status = 204, description = "Marked")))]
pub async fn mark_own_history(change: Change<UseAccount>, body: Body<SeenInput>) -> Result<HttpResponse> {
    change.finish(async |tx| own_history::mark(tx, body.0.until).await).await
}

/// Change one's password
///
/// Ends all other sessions. It must be another one than before. After signing in with a one-time password nothing else works
/// (`password_change_required`).
#[utoipa::path(put, path = "/me/password", request_body = PasswordInput, responses((status = 204, description = "Changed")))]
pub async fn change_password(change: Change<UseAccount>, body: Body<PasswordInput>) -> Result<HttpResponse> {
    let new = credentials::check_passwords(change.app(), &change, body.0).await?;
    change.finish(async |tx| credentials::change_password(tx, new).await).await
}

/// Begin a second factor
///
/// Answers with a secret for an authenticator (TOTP), which counts once it is confirmed. Where there is a second factor, its code is asked for, and it
/// stays until the new one is confirmed.
#[utoipa::path(post, path = "/me/second-factor", request_body = SecondFactorInput,
    responses((status = 200, description = "The secret, shown once", body = NewSecondFactor)))]
pub async fn begin_second_factor(change: Change<UseAccount>, body: Body<SecondFactorInput>) -> Result<HttpResponse> {
    let begun = credentials::begin_second_factor(change.app(), &change, body.0).await?;
    change.answer_once(async |tx| second_factor::begin(tx, begun).await).await
}

/// Confirm a second factor
///
/// From then on signing in takes a code. Bureaus, administrators and auditors must have one (`second_factor_setup_required`).
#[utoipa::path(put, path = "/me/second-factor", request_body = SecondFactorProof, responses((status = 204, description = "Confirmed")))]
pub async fn confirm_second_factor(change: Change<UseAccount>, body: Body<SecondFactorProof>) -> Result<HttpResponse> {
    change.finish(async |tx| second_factor::confirm(tx, body.0).await).await
}

/// List one's sessions
#[utoipa::path(get, path = "/me/sessions", params(SessionQuery),
    responses((status = 200, description = "A page of the sessions that go on, last used first", body = Page<SessionInfo>)))]
pub async fn list_sessions(guard: Guard<UseSessions>, query: Query<SessionQuery>) -> Result<Json<Page<SessionInfo>>> {
    service::sessions(guard.db(), guard.user_id, &query.0, guard.session_id, guard.app().clock.now()).await.map(Json)
}

/// End one of one's sessions
#[utoipa::path(delete, path = "/me/sessions/{id}", params(("id" = Uuid, Path, description = "Id of the session")),
    responses((status = 204, description = "Ended")))]
pub async fn end_session(change: Change<UseSessions>, id: Path<Uuid>) -> Result<HttpResponse> {
    let user_id = change.user_id;
    change.finish(async |tx| service::end_one(tx, user_id, *id).await).await
}

/// End all of one's sessions but this one
#[utoipa::path(delete, path = "/me/sessions", responses((status = 204, description = "Ended")))]
pub async fn end_other_sessions(change: Change<UseSessions>) -> Result<HttpResponse> {
    change.finish(service::end_others).await
}

fn respond(open: &Open, opened: Opened) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(token) = opened.refresh_token {
        let config = &open.app().config;
        response.cookie(cookie::set(config.secure_cookies, &token, config.session_idle_days));
    }
    response.json(opened.session)
}
