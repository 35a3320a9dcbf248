//! Failures to sign in: whoever guesses has to wait.
//!
//! Failures are counted by address, by account, and most strictly by both together, so that nobody can lock others out from one
//! place.

use std::net::IpAddr;

use chrono::TimeDelta;
use contract::ErrorCode;
use entities::auth::failure;
use entities::users as user;
use entities::users::OBJECT as USERS;
use platform::audit::{self, Event};
use platform::crypto::hex;
use platform::rate::network;
use platform::{App, Caller, Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};

use super::policy::{self, Counted};

/// The counters of an account in the order in which a failure locks them, so that no two transactions wait for each other.
const ORDER: [Counted; 5] = [Counted::Own, Counted::Pair, Counted::Account, Counted::Code, Counted::Halfway];

/// An attempt to sign in, or to confirm one's identity.
#[derive(Debug)]
pub struct Attempt {
    /// A keyed hash of the typed name, which may be no account but a password in the wrong field.
    account: String,
    network: IpAddr,
    address: Option<String>,
    request_id: String,
}

impl Attempt {
    /// An attempt of somebody who is not signed in.
    pub fn to_sign_in(app: &App, account: &str, address: Option<&str>, request_id: &str) -> Self {
        Self {
            account: hex(&app.vault.hash("account", account)),
            network: network(address),
            address: address.map(str::to_owned),
            request_id: request_id.to_owned(),
        }
    }

    /// An attempt of somebody who is signed in to this account.
    pub fn of(app: &App, caller: &Caller, account: &str) -> Self {
        Self::to_sign_in(app, account, caller.address.as_deref(), &caller.request_id)
    }

    fn subject(&self, counted: Counted) -> String {
        let (name, Self { account, network, .. }) = (counted.name(), self);
        match counted {
            Counted::Address => format!("{name}:{network}"),
            Counted::Pair | Counted::Halfway => format!("{name}:{account} {network}"),
            Counted::Account | Counted::Code | Counted::Own => format!("{name}:{account}"),
        }
    }

    /// Refuses while any counter makes the caller wait.
    ///
    /// # Errors
    /// `too_many_requests`.
    pub async fn check(&self, app: &App, counted: &[Counted]) -> Result<()> {
        let subjects = counted.iter().map(|counted| self.subject(*counted));
        let known = failure::Entity::find().filter(failure::Column::Subject.is_in(subjects)).all(&app.database.read).await?;
        let now = app.clock.now();
        match known.iter().filter_map(|row| Some((row.locked_until? - now).num_seconds())).max() {
            Some(wait) if wait > 0 => Err(Error::later(ErrorCode::TooManyRequests, wait.unsigned_abs())),
            _ => Ok(()),
        }
    }

    /// Counts a failure and records it in the trail, with the account if it exists. A typed name without an account is stored
    /// nowhere, because it may be a password.
    pub async fn failed(&self, app: &App, known: Option<&user::Model>, action: &str, counted: &[Counted]) -> Result<()> {
        let tx = Tx::system(app).await?;
        let object = known.map_or("*".to_owned(), |user| user.id.to_string());
        let area_code = known.map(|user| user.area_code.clone());
        let failed = tx.entry(Event::of(USERS, object, action), &(), &());
        let failed = failed.from_request(self.address.clone(), &self.request_id, area_code);
        audit::record_all(&tx, vec![audit::refused(failed)]).await?;
        let mut of_pair = 0;
        for &counted in counted {
            // One address alone does not lock an account for all others, however long it continues.
            if counted == Counted::Account && of_pair > Counted::Pair.free() {
                continue;
            }
            let failures = self.count(&tx, counted, known).await?;
            if counted == Counted::Pair {
                of_pair = failures;
            }
        }
        tx.commit().await
    }

    async fn count(&self, tx: &Tx, counted: Counted, known: Option<&user::Model>) -> Result<i32> {
        let subject = self.subject(counted);
        let row = failure::ActiveModel {
            subject: Set(subject.clone()),
            account: Set(known.filter(|_| counted != Counted::Address).map(|user| user.account.clone())),
            failures: Set(1),
            last_at: Set(tx.now),
            locked_until: Set(None),
        };
        failure::Entity::insert(row)
            .on_conflict(
                OnConflict::column(failure::Column::Subject)
                    .value(failure::Column::Failures, Expr::col((failure::Entity, failure::Column::Failures)).add(1))
                    .update_column(failure::Column::LastAt)
                    .to_owned(),
            )
            .exec_without_returning(&tx.connection)
            .await?;
        // The statement above has locked the row.
        let row = failure::Entity::find_by_id(&subject).one(&tx.connection).await?;
        let failures = row.map_or(1, |row| row.failures);
        if let Some(seconds) = policy::seconds_to_wait(counted, failures) {
            failure::Entity::update_many()
                .col_expr(failure::Column::LockedUntil, Expr::value(tx.now + TimeDelta::seconds(seconds)))
                .filter(failure::Column::Subject.eq(subject))
                .exec(&tx.connection)
                .await?;
        }
        Ok(failures)
    }

    /// Deletes the failures of an account, except those of other addresses.
    pub async fn succeeded(&self, tx: &Tx) -> Result<()> {
        for counted in ORDER {
            failure::Entity::delete_by_id(self.subject(counted)).exec(&tx.connection).await?;
        }
        Ok(())
    }
}

/// Deletes all failures of an account.
pub async fn unlock(tx: &Tx, account: &str) -> Result<()> {
    let of_account = failure::Entity::find().filter(failure::Column::Account.eq(account)).all(&tx.connection).await?;
    for counted in ORDER {
        let begin = format!("{}:", counted.name());
        for row in of_account.iter().filter(|row| row.subject.starts_with(&begin)) {
            failure::Entity::delete_by_id(&row.subject).exec(&tx.connection).await?;
        }
    }
    Ok(())
}
