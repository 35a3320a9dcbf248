//! Answers the questions that the platform asks the domains.

use chrono::{DateTime, Utc};
use contract::ObjectKind;
use domains::adoption_updates::list::AdoptionUpdates;
use domains::adoptions::list::Adoptions;
use domains::assistance::list::AssistanceRecords;
use domains::attachments;
use domains::auth;
use domains::cases::list::Cases;
use domains::difficulties::list::Difficulties;
use domains::help::list::HelpRecords;
use domains::households;
use domains::institutions::list::Institutions;
use domains::measures::list::Measures;
use domains::meetings::list::Meetings;
use domains::pairings;
use domains::plans::list::Plans;
use domains::rankings::list::Rankings;
use domains::uptakes::list::Uptakes;
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
            // Attachments are no kind of object. One can be read with the object that it belongs to.
            if collection == "attachments" {
                return attachments::service::exists(&asker, id).await;
            }
            match ObjectKind::of_collection(collection) {
                Some(ObjectKind::Adoption) => Adoptions::row(&asker, id).await.map(drop),
                Some(ObjectKind::AdoptionUpdate) => AdoptionUpdates::row(&asker, id).await.map(drop),
                Some(ObjectKind::HelpRecord) => HelpRecords::row(&asker, id).await.map(drop),
                Some(ObjectKind::Difficulty) => Difficulties::row(&asker, id).await.map(drop),
                Some(ObjectKind::AssistanceRecord) => AssistanceRecords::row(&asker, id).await.map(drop),
                Some(ObjectKind::Case) => Cases::row(&asker, id).await.map(drop),
                Some(ObjectKind::CaseUptake) => Uptakes::row(&asker, id).await.map(drop),
                Some(ObjectKind::Household) => households::service::exists(&asker, id).await,
                Some(ObjectKind::Institution) => Institutions::row(&asker, id).await.map(drop),
                Some(ObjectKind::Measure) => Measures::row(&asker, id).await.map(drop),
                Some(ObjectKind::Meeting) => Meetings::row(&asker, id).await.map(drop),
                Some(ObjectKind::Pairing) => pairings::service::exists(&asker, id).await,
                Some(ObjectKind::Ranking) => Rankings::row(&asker, id).await.map(drop),
                Some(ObjectKind::Plan) => Plans::row(&asker, id).await.map(drop),
                Some(kind) if !kind.vanishes() => Ok(()),
                _ => Err(Error::internal(format!("nobody has said who may be told again of {collection}"))),
            }
        })
    }
}
