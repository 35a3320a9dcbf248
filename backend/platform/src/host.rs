//! What the platform asks of the domains above it. The service connects the two when it starts.

use std::fmt::Debug;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{Caller, Result, Tx};

/// A future answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The domains as the platform sees them.
pub trait Host: Debug + Send + Sync {
    /// The caller of a session.
    ///
    /// # Errors
    /// `session_ended` if it is over, or its account was disabled.
    fn caller<'a>(&'a self, db: &'a DatabaseConnection, session_id: Uuid, now: DateTime<Utc>) -> Answer<'a, Caller>;

    /// Locks the caller's account until the transaction ends, so that simultaneous requests of the account queue here.
    fn hold_account<'a>(&'a self, tx: &'a Tx) -> Answer<'a, ()>;

    /// Checks that the caller may read an object now. `collection` is the first segment of its path. So a repeat does not
    /// disclose again what its caller may no longer see, such as a family that has withdrawn its consent.
    ///
    /// # Errors
    /// Those of reading the object.
    fn check_readable<'a>(&'a self, tx: &'a Tx, collection: &'a str, id: Uuid) -> Answer<'a, ()>;
}
