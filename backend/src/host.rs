//! Answers the platform's questions to the domains.

use chrono::{DateTime, Utc};
use domains::assistance::list::AssistanceRecords;
use domains::attachments;
use domains::auth;
use domains::households;
use domains::measures::list::Measures;
use domains::pairings;
use domains::plans::list::Plans;
use platform::host::{Answer, Host};
use platform::object::Object;
use platform::{Caller, Error, Tx};
use sea_orm::DatabaseConnection;
use uuid::Uuid;

/// All domains of the service.
#[derive(Debug)]
pub struct Domains;

impl Host for Domains {
    fn caller<'a>(&'a self, db: &'a DatabaseConnection, session_id: Uuid, now: DateTime<Utc>) -> Answer<'a, Caller> {
        Box::pin(auth::service::caller(db, session_id, now))
    }

    fn hold_account<'a>(&'a self, tx: &'a Tx) -> Answer<'a, ()> {
        Box::pin(auth::service::hold_account(tx))
    }

    fn check_readable<'a>(&'a self, tx: &'a Tx, collection: &'a str, id: Uuid) -> Answer<'a, ()> {
        Box::pin(async move {
            let asker = tx.asker()?;
            match collection {
                "assistance-measures" => Measures::row(&asker, id).await.map(drop),
                "assistance-plans" => Plans::row(&asker, id).await.map(drop),
                "assistance-records" => AssistanceRecords::row(&asker, id).await.map(drop),
                "attachments" => attachments::service::exists(&asker, id).await,
                "households" => households::service::exists(&asker, id).await,
                "pairings" => pairings::service::exists(&asker, id).await,
                // These have nothing of a family, and nobody loses access to one that was theirs.
                "account-requests" | "agreements" | "campaigns" | "enrolments" | "organisations" | "outcomes"
                | "progress-updates" | "projects" | "reports" | "tasks" | "users" => Ok(()),
                // A new kind of object must be added to one of the two.
                _ => Err(Error::internal(format!("nobody has said who may be told again of {collection}"))),
            }
        })
    }
}
