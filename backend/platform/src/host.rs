//! What the platform asks of the domains that stand on it. The service fills it in when it starts.

use std::fmt::Debug;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use super::{Caller, Result, Tx};

/// An answer that has to be waited for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The domains, as the platform knows them.
pub trait Host: Debug + Send + Sync {
    /// Who acts in a session.
    ///
    /// # Errors
    /// `session_ended` where it is over, or its account was disabled.
    fn caller<'a>(&'a self, db: &'a DatabaseConnection, session_id: Uuid, now: DateTime<Utc>) -> Answer<'a, Caller>;

    /// Holds the caller's account until the transaction ends, so that those who act on its behalf at once queue here.
    fn hold_account<'a>(&'a self, tx: &'a Tx) -> Answer<'a, ()>;

    /// Makes sure that the caller may read an object at this moment. `collection` is the first part of its path. A repeat is not
    /// told again what has been closed to its caller, such as a family that has withdrawn its consent.
    ///
    /// # Errors
    /// As reading the object.
    fn check_readable<'a>(&'a self, tx: &'a Tx, collection: &'a str, id: Uuid) -> Answer<'a, ()>;
}
