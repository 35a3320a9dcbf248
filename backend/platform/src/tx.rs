//! A transaction with what every change needs to know, and the versions that it accepts.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::{DateTime, NaiveDate, Utc};
use contract::ErrorCode;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, QuerySelect, Value};
use serde::Serialize;

use super::audit::{self, Event, Proofs};
use super::database::key_column;
use super::extract::NotPersonal;
use super::host::Host;
use super::principal::Caller;
use super::{App, Asker, Error, Result, Vault, clock};

/// A transaction, with what every change needs to know.
#[derive(Debug)]
pub struct Tx {
    pub connection: DatabaseTransaction,
    /// Who makes the change; `None` for the system itself.
    pub caller: Option<Caller>,
    pub now: DateTime<Utc>,
    pub(super) if_match: Option<IfMatch>,
    /// The fields of which the caller says that they name nobody.
    pub not_personal: NotPersonal,
    pub vault: Arc<Vault>,
    pub(super) proofs: Arc<Proofs>,
    pub(super) host: Arc<dyn Host>,
}

impl Tx {
    /// Begins a transaction of the system itself: for chores and demo data.
    pub async fn system(app: &App) -> Result<Self> {
        Ok(Self {
            connection: app.database.begin().await?,
            caller: None,
            now: app.clock.now(),
            if_match: None,
            not_personal: NotPersonal::default(),
            vault: app.vault.clone(),
            proofs: app.proofs.clone(),
            host: app.host.clone(),
        })
    }

    /// Begins a transaction on behalf of a caller, outside a request.
    pub async fn of(app: &App, caller: Caller) -> Result<Self> {
        Ok(Self { caller: Some(caller), ..Self::system(app).await? })
    }

    /// Commits the change.
    pub async fn commit(self) -> Result<()> {
        Ok(self.connection.commit().await?)
    }

    /// The caller who makes the change.
    ///
    /// # Errors
    /// `unauthenticated` for the system, which owns nothing.
    pub fn caller(&self) -> Result<&Caller> {
        self.caller.as_ref().ok_or_else(|| ErrorCode::Unauthenticated.into())
    }

    /// The caller, reading within this transaction.
    ///
    /// # Errors
    /// `unauthenticated` for the system.
    pub fn asker(&self) -> Result<Asker<'_>> {
        Ok(Asker { db: (&self.connection).into(), caller: self.caller()?, vault: &self.vault, today: self.today() })
    }

    /// Today, in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        clock::local_date(self.now)
    }

    /// Refuses a change of a version that the caller has not seen.
    ///
    /// # Errors
    /// `stale_version`.
    pub fn check_version(&self, version: i32) -> Result<()> {
        match &self.if_match {
            Some(IfMatch::Seen(versions)) if !versions.contains(&version) => Err(ErrorCode::StaleVersion.into()),
            _ => Ok(()),
        }
    }

    /// Locks a row until the transaction ends. Of two who take a step at once, the second waits, and then sees the result of the
    /// first. Rows that refer to this one can still be written meanwhile, because its id does not change.
    pub async fn hold<E>(&self, id: Uuid) -> Result<()>
    where
        E: EntityTrait,
        E::PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
    {
        E::find_by_id(id).lock(LockType::NoKeyUpdate).one(&self.connection).await?;
        Ok(())
    }

    /// The id of a new row: a new one, or the client's own unless a row has it already. Call this first: an entry that was made
    /// once stays made, whatever has changed since.
    ///
    /// # Errors
    /// `already_entered`.
    pub async fn new_id<E>(&self, made: Option<Uuid>) -> Result<Uuid>
    where
        E: EntityTrait,
        E::PrimaryKey: PrimaryKeyTrait<ValueType = Uuid>,
    {
        match made {
            None => Ok(Uuid::now_v7()),
            Some(id) if E::find_by_id(id).one(&self.connection).await?.is_none() => Ok(id),
            Some(_) => Err(ErrorCode::AlreadyEntered.into()),
        }
    }

    /// Writes columns of a row that still has the given version, and increments the version. Of two who change it at once, the
    /// second is refused.
    ///
    /// # Errors
    /// [`DbErr::RecordNotUpdated`] if another was faster, which becomes `stale_version`.
    pub async fn write<E: EntityTrait>(
        &self,
        key: impl Into<Value>,
        version: i32,
        mut columns: E::ActiveModel,
    ) -> Result<(), DbErr> {
        let column = |name| E::Column::from_str(name).map_err(|_| DbErr::Type(format!("there is no column {name}")));
        let version_column = column("version")?;
        columns.try_set(column("updated_at")?, self.now.into())?;
        columns.try_set(version_column, (version + 1).into())?;
        let changed = E::update_many()
            .set(columns)
            .filter(key_column::<E>()?.eq(key))
            .filter(version_column.eq(version))
            .exec(&self.connection)
            .await?;
        if changed.rows_affected == 0 { Err(DbErr::RecordNotUpdated) } else { Ok(()) }
    }

    /// Writes the history of this change.
    pub async fn record(&self, event: Event<'_>, before: &impl Serialize, after: &impl Serialize) -> Result<()> {
        audit::record(self, event, before, after).await
    }

    /// An entry of the history for one of many changes. Write it with [`audit::record_all`].
    pub fn entry(&self, event: Event<'_>, before: &impl Serialize, after: &impl Serialize) -> audit::Entry {
        audit::entry(self.caller.as_ref(), self.now, event, before, after)
    }
}

/// The versions that a change accepts (RFC 9110, 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// `*`: any version.
    Any,
    /// One of the versions that the caller has seen. A foreign tag names no version.
    Seen(Vec<i32>),
}

impl IfMatch {
    pub fn of(request: &HttpRequest) -> Result<Option<Self>> {
        let values: Vec<_> =
            request.headers().get_all(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default()).collect();
        let value = values.join(",");
        match value.trim() {
            _ if values.is_empty() => Ok(None),
            "" => Err(Error::field("/If-Match", "length")),
            value if value.len() > 100 => Err(Error::field("/If-Match", "length")),
            "*" => Ok(Some(Self::Any)),
            tags => Ok(Some(Self::Seen(versions(tags)))),
        }
    }
}

/// The versions that a list of entity tags names. Our tag is the version, or the version, a dash and a digest of the
/// representation. A tag that a proxy has made weak still counts.
fn versions(mut tags: &str) -> Vec<i32> {
    let mut found = Vec::new();
    while let Some((_, rest)) = tags.split_once('"') {
        let Some((tag, rest)) = rest.split_once('"') else { break };
        found.extend(tag.split('-').next().and_then(|version| version.parse::<i32>().ok()));
        tags = rest;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::versions;

    #[test]
    fn a_list_of_tags_names_each_version_once() {
        assert_eq!(versions("\"3\""), [3]);
        assert_eq!(versions("W/\"3-0a1b2c3d\" , \"x\",\"5\""), [3, 5]);
        // Text inside another tag is no tag.
        assert_eq!(versions("\"x,1\", \"y, 2"), [0; 0]);
        assert_eq!(versions("1, 2"), [0; 0]);
        assert_eq!(versions("\"99999999999999999999\""), [0; 0]);
    }
}
