//! Failures to prove who one is, counted by account and by address: who guesses has to wait.

use chrono::{DateTime, TimeDelta, Utc};
use contract::ErrorCode;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};

use super::entity::failure;
use super::policy;
use crate::modules::users::service::OBJECT as USERS;
use crate::platform::audit::{self, Event};
use crate::platform::{App, Error, Result, Tx};

/// What failures of an account are counted under.
pub fn account_subject(account: &str) -> String {
    format!("{}{account}", policy::ACCOUNT)
}

/// Refuses who has failed too often, for a while.
///
/// # Errors
/// `too_many_requests`.
pub async fn check(app: &App, subjects: &[String], now: DateTime<Utc>) -> Result<()> {
    let known = failure::Entity::find().filter(failure::Column::Subject.is_in(subjects)).all(&app.database.read).await?;
    let wait = known.iter().filter_map(|row| Some((row.locked_until? - now).num_seconds())).max().unwrap_or(0);
    if wait > 0 {
        return Err(Error::later(ErrorCode::TooManyRequests, wait.unsigned_abs()));
    }
    Ok(())
}

/// Counts a failure to prove who one is, and writes it into the trail: of which account, where there is such a one. What was typed instead of an
/// account's name is kept nowhere, for it may be a password.
///
/// # Errors
/// What the database says.
pub async fn count_failure(
    app: &App,
    subjects: &[String],
    (address, request_id): (&Option<String>, &str),
    (known, action): (Option<Uuid>, &str),
) -> Result<()> {
    let tx = Tx::system(app).await?;
    let now = tx.now;
    let object = known.map_or("*".to_owned(), |id| id.to_string());
    let failed = tx.entry(Event::of(USERS, object, action), &(), &()).from_request(address.clone(), request_id);
    audit::record_all(&tx, vec![audit::refused(failed)]).await?;
    for subject in subjects {
        let row =
            failure::ActiveModel { subject: Set(subject.clone()), failures: Set(1), last_at: Set(now), locked_until: Set(None) };
        failure::Entity::insert(row)
            .on_conflict(
                OnConflict::column(failure::Column::Subject)
                    .value(failure::Column::Failures, Expr::col((failure::Entity, failure::Column::Failures)).add(1))
                    .update_column(failure::Column::LastAt)
                    .to_owned(),
            )
            .exec_without_returning(&tx.connection)
            .await?;
        // The row is ours since the line above.
        let counted = failure::Entity::find_by_id(subject).one(&tx.connection).await?;
        let wait = counted.and_then(|row| policy::seconds_to_wait(subject, row.failures));
        if let Some(seconds) = wait {
            failure::Entity::update_many()
                .col_expr(failure::Column::LockedUntil, Expr::value(now + TimeDelta::seconds(seconds)))
                .filter(failure::Column::Subject.eq(subject))
                .exec(&tx.connection)
                .await?;
        }
    }
    tx.commit().await
}

/// Forgets the failures to sign in to an account.
///
/// # Errors
/// What the database says.
pub async fn unlock(tx: &Tx, account: &str) -> Result<()> {
    failure::Entity::delete_by_id(account_subject(account)).exec(&tx.connection).await?;
    Ok(())
}
