//! Signing in and one's own account.

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

/// Renews the session from the cookie.
pub fn refresh() -> Call<Session> {
    Call::post_empty("/auth/refresh").anonymous()
}

/// Signs out.
pub fn logout() -> Call<()> {
    Call::post_empty("/auth/logout")
}

/// Changes one's own password.
pub fn change_password(input: &PasswordInput) -> Call<()> {
    Call::put("/me/password", input)
}

/// The last entries of one's account's history.
pub fn history(limit: u32) -> Call<Page<HistoryEntry>> {
    Call::list("/me/history", &HistoryQuery { limit: Some(limit), ..Default::default() })
}

/// Marks what others did with one's account as seen.
pub fn mark_history(input: &SeenInput) -> Call<()> {
    Call::put("/me/history/seen", input)
}

/// Makes a secret for one's authenticator.
pub fn begin_second_factor(input: &SecondFactorInput) -> Call<NewSecondFactor> {
    Call::post("/me/second-factor", input)
}

/// Takes it in use.
pub fn confirm_second_factor(input: &SecondFactorProof) -> Call<()> {
    Call::put("/me/second-factor", input)
}

/// The sessions of an account, by its API path; one's own are below `/me`.
pub fn sessions(base: &str) -> Call<Page<SessionInfo>> {
    // As many as an account can have at most.
    Call::list(&format!("{base}/sessions"), &SessionQuery { limit: Some(100), ..Default::default() })
}

/// Ends one of them.
pub fn end_session(base: &str, id: Uuid) -> Call<()> {
    Call::delete(format!("{base}/sessions/{id}"))
}

/// Ends all of them but this one.
pub fn end_sessions(base: &str) -> Call<()> {
    Call::delete(format!("{base}/sessions"))
}
