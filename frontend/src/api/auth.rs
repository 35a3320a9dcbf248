//! Signing in and one's own account.

use contract::Page;
use contract::auth::{LoginInput, PasswordInput, Session, SessionInfo};
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

/// One's own sessions.
pub fn sessions() -> Call<Page<SessionInfo>> {
    Call::get("/me/sessions")
}

/// Ends one of them.
pub fn end_session(id: Uuid) -> Call<()> {
    Call::delete(format!("/me/sessions/{id}"))
}
