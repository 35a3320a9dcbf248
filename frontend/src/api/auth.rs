//! Signing in, and the caller's own account.

use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::auth::{
    LoginInput, NewSecondFactor, PasswordInput, SecondFactorInput, SecondFactorProof, SeenInput, Session, SessionInfo,
    SessionQuery,
};
use uuid::Uuid;

use super::Call;

/// Signs in.
pub fn login(input: &LoginInput) -> Call<Session> {
    Call::post("/auth/login", input).anonymous()
}

/// Renews the session with the cookie.
pub fn refresh() -> Call<Session> {
    Call::post_empty("/auth/refresh").anonymous()
}

/// Signs out.
pub fn logout() -> Call<()> {
    Call::post_empty("/auth/logout")
}

/// Changes the caller's password.
pub fn change_password(input: &PasswordInput) -> Call<()> {
    Call::put("/me/password", input)
}

/// The latest entries in the history of the caller's account.
pub fn history(limit: u32) -> Call<Page<HistoryEntry>> {
    Call::list("/me/history", &HistoryQuery { limit: Some(limit), ..Default::default() })
}

/// Marks what others did with the caller's account as seen.
pub fn mark_history(input: &SeenInput) -> Call<()> {
    Call::put("/me/history/seen", input)
}

/// Creates a secret for the caller's authenticator.
pub fn begin_second_factor(input: &SecondFactorInput) -> Call<NewSecondFactor> {
    Call::post("/me/second-factor", input)
}

/// Confirms the new second factor.
pub fn confirm_second_factor(input: &SecondFactorProof) -> Call<()> {
    Call::put("/me/second-factor", input)
}

/// The sessions of an account, by its API path; the caller's own are below `/me`.
pub fn sessions(base: &str) -> Call<Page<SessionInfo>> {
    // The most sessions that an account can have.
    Call::list(&format!("{base}/sessions"), &SessionQuery { limit: Some(100), ..Default::default() })
}

/// Ends a session.
pub fn end_session(base: &str, id: Uuid) -> Call<()> {
    Call::delete(format!("{base}/sessions/{id}"))
}

/// Ends all sessions except the current one.
pub fn end_sessions(base: &str) -> Call<()> {
    Call::delete(format!("{base}/sessions"))
}
