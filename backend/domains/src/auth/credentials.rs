//! Changes a signed-in person's password and second factor. Both require proof of identity again.

use contract::ErrorCode;
use contract::auth::{PasswordInput, SecondFactorInput};
use entities::auth::session;
use entities::users as user;
use entities::users::OBJECT as USERS;
use platform::audit::Event;
use platform::rate::Subject;
use platform::{App, Caller, Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::password::Place;
use super::policy::Counted;
use super::second_factor::{self, SecondFactorBegun};
use super::service::end;
use super::throttle::Attempt;

/// A password to replace the caller's own.
#[derive(Debug)]
pub struct NewPassword {
    /// The hash that the current password matched.
    current: String,
    hash: String,
}

/// Makes a secret for the caller's authenticator. The caller gives the current password and, if there is a second factor, one of
/// its codes.
///
/// # Errors
/// Faults at `/current_password` and `/verification_code`; `too_many_requests` after failures, which also count for signing in.
pub async fn begin_second_factor(app: &App, caller: &Caller, input: SecondFactorInput) -> Result<SecondFactorBegun> {
    let user = user::Entity::find_by_id(caller.user_id).one(&app.database.read).await?.ok_or(ErrorCode::SessionEnded)?;
    let attempt = Attempt::of(app, caller, &user.account);
    let place = Place::of(app, &Subject::Account(caller.user_id)).await?;
    attempt.check(app, &[Counted::Own, Counted::Code]).await?;
    if !place.verify(input.current_password, Some(user.password_hash.clone())).await? {
        attempt.failed(app, Some(&user), "add_second_factor", &[Counted::Own, Counted::Pair]).await?;
        return Err(Error::field("/current_password", "password_wrong"));
    }
    if user.second_factor.is_some() {
        let code = input.verification_code.ok_or_else(|| Error::field("/verification_code", "required"))?;
        let tx = Tx::system(app).await?;
        if !second_factor::take(&tx, &user, &code).await? {
            drop(tx);
            attempt.failed(app, Some(&user), "add_second_factor", &[Counted::Own, Counted::Pair, Counted::Code]).await?;
            return Err(Error::field("/verification_code", "second_factor_wrong"));
        }
        tx.commit().await?;
    }
    second_factor::make(&app.vault, &user)
}

/// Checks the current and the new password. This takes time, so do it before a transaction.
///
/// # Errors
/// Faults at `/current_password` and `/new_password`, which must differ. `too_many_requests` after failures in a session, which
/// also count for signing in: a session left open must not help to guess the password.
pub async fn check_passwords(app: &App, caller: &Caller, input: PasswordInput) -> Result<NewPassword> {
    let user = user::Entity::find_by_id(caller.user_id).one(&app.database.read).await?.ok_or(ErrorCode::SessionEnded)?;
    let attempt = Attempt::of(app, caller, &user.account);
    let place = Place::of(app, &Subject::Account(caller.user_id)).await?;
    attempt.check(app, &[Counted::Own]).await?;
    let current = user.password_hash.clone();
    if !place.verify(input.current_password, Some(current.clone())).await? {
        attempt.failed(app, Some(&user), "change_password", &[Counted::Own, Counted::Pair]).await?;
        return Err(Error::field("/current_password", "password_wrong"));
    }
    if place.verify(input.new_password.clone(), Some(current.clone())).await? {
        return Err(Error::field("/new_password", "password_unchanged"));
    }
    if place.is_common(input.new_password.clone(), &[&user.account, &user.display_name]).await? {
        return Err(Error::field("/new_password", "password_common"));
    }
    Ok(NewPassword { current, hash: place.hash(input.new_password).await? })
}

/// Changes the caller's password and ends all other sessions.
///
/// # Errors
/// `stale_version` if the password has changed meanwhile.
pub async fn change_password(tx: &Tx, new: NewPassword) -> Result<()> {
    let caller = tx.caller()?;
    let changed = user::Entity::update_many()
        .set(user::ActiveModel {
            password_hash: Set(new.hash),
            one_time_until: Set(None),
            updated_at: Set(tx.now),
            ..Default::default()
        })
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::Id.eq(caller.user_id))
        .filter(user::Column::PasswordHash.eq(new.current))
        .exec(&tx.connection)
        .await?;
    if changed.rows_affected == 0 {
        return Err(ErrorCode::StaleVersion.into());
    }
    end(tx, session::Column::UserId.eq(caller.user_id).and(session::Column::Id.ne(caller.session_id))).await?;
    let event = Event::of(USERS, caller.user_id, "change_password");
    tx.record(event, &(), &()).await
}
