//! Keys of personal data: which of them are in use, and how all values are resealed under a new key.
//!
//! A rotation adds a key, and within seconds every process seals with it. Then the rotation reseals, batch by batch, all values
//! under other keys. Each value contains the id of its key, so there is no other state: an interrupted rotation continues where
//! it was, two at the same time do no harm, and the service keeps working.

pub mod command;

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, Order};
use uuid::Uuid;

use crate::startup::FOLLOW_KEYS;
use domains::attachments;
use platform::crypto::{KEY_ID, hex};
use platform::{App, Result, Tx, Vault};

/// The sealed columns and their tables. A test finds those that are missing here.
pub const SEALED: &[(&str, &str)] = &[
    ("households", "personal"),
    ("household_members", "personal"),
    ("household_visits", "personal"),
    ("household_merges", "personal"),
    ("assistance_plans", "agreed_by"),
    ("assistance_measures", "texts"),
    ("assistance_records", "texts"),
    ("idempotency_keys", "answer"),
    ("users", "second_factor"),
    ("users", "second_factor_new"),
];
/// The name that sealed files are counted under.
const FILES: &str = "attachments";

/// How many rows are resealed in one transaction. They are few, so that nobody waits long.
const BATCH: u64 = 200;
/// The pause between two transactions, in which others can write.
const PAUSE: Duration = Duration::from_millis(5);
/// The maximum number of rounds. Later rounds reseal values that others have sealed under an old key meanwhile.
const ROUNDS: usize = 6;

/// The number of sealed values by the id of their key. `None` counts files from before files were sealed.
pub type Counts = BTreeMap<Option<String>, u64>;

/// Counts sealed values by key.
pub async fn count(app: &App) -> Result<Counts> {
    let tx = app.database.begin().await?;
    let counts = count_in(&tx).await?;
    tx.commit().await?;
    Ok(counts)
}

/// Counts sealed values by key within a transaction.
pub async fn count_in(tx: &DatabaseTransaction) -> Result<Counts> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        // The count reads all sealed values.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    let mut counts = Counts::new();
    for &(table, column) in SEALED {
        let mut select = Query::select();
        select
            .expr_as(key_of(column), "key_id")
            .expr_as(Expr::col(Alias::new(column)).count(), "sealed")
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new(column)).is_not_null())
            .add_group_by([key_of(column)]);
        for row in tx.query_all(&select).await? {
            let key: Vec<u8> = row.try_get("", "key_id")?;
            let sealed: i64 = row.try_get("", "sealed")?;
            *counts.entry(Some(hex(&key))).or_default() += sealed.unsigned_abs();
        }
    }
    for (key, files) in attachments::service::count_by_key(tx).await? {
        *counts.entry(key).or_default() += files;
    }
    Ok(counts)
}

/// The id of the key in a sealed value, which follows the first byte. The numbers are literals rather than parameters, so that
/// the database recognises both uses as the same expression.
fn key_of(column: &'static str) -> Expr {
    Expr::cust(format!("substr({column}, 2, {KEY_ID})"))
}

/// The result of resealing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub sealed: u64,
    /// How many values are not resealed because others were changing them.
    pub busy: u64,
    /// Values that no key opens, by table and id. They stay as they are.
    pub lost: Vec<(&'static str, Uuid)>,
}

/// Reseals every value that is not under the newest key, and reports the progress.
///
/// # Errors
/// Any error of the database or of the store of attachments.
pub async fn reseal(app: &App, mut say: impl FnMut(&str, u64)) -> Result<Resealed> {
    let mut all = Resealed::default();
    for round in 0..ROUNDS {
        all.lost.clear();
        if round > 0 {
            // After this pause every process seals with the new key.
            tokio::time::sleep(FOLLOW_KEYS).await;
        }
        for &(table, column) in SEALED {
            let mut done = 0;
            let mut after = Uuid::nil();
            while let Some(batch) = reseal_rows(app, table, column, after).await? {
                (after, done) = (batch.last, done + batch.sealed);
                all.lost.extend(batch.lost.into_iter().map(|id| (table, id)));
                say(table, done);
                tokio::time::sleep(PAUSE).await;
            }
            all.sealed += done;
        }
        let mut done = 0;
        let mut after = Uuid::nil();
        while let Some((id, opened)) = attachments::service::reseal(app, after).await? {
            after = id;
            if opened {
                done += 1;
                say(FILES, done);
            } else {
                all.lost.push((FILES, id));
            }
        }
        all.sealed += done;
        all.busy = left(app).await?.saturating_sub(all.lost.len() as u64);
        if all.busy == 0 {
            break;
        }
    }
    Ok(all)
}

/// The number of values that are not under the newest key.
pub async fn left(app: &App) -> Result<u64> {
    let newest = app.vault.newest_id();
    Ok(count(app).await?.iter().filter(|(key, _)| key.as_ref() != Some(&newest)).map(|(_, sealed)| sealed).sum())
}

struct Batch {
    last: Uuid,
    sealed: u64,
    lost: Vec<Uuid>,
}

/// Reseals the next rows, ordered by id. `None` if there are no more. Rows that others have locked are left to the next round, so
/// that nobody waits. A row that has changed since it was read stays as it is.
async fn reseal_rows(app: &App, table: &'static str, column: &'static str, after: Uuid) -> Result<Option<Batch>> {
    let tx = Tx::system(app).await?;
    let rows = tx.connection.query_all(&outdated(&app.vault, table, column, after)).await?;
    let mut batch = None;
    for row in rows {
        let (id, sealed): (Uuid, Vec<u8>) = (row.try_get("", "id")?, row.try_get("", column)?);
        let batch = batch.get_or_insert(Batch { last: id, sealed: 0, lost: Vec::new() });
        batch.last = id;
        let Ok(plain) = app.vault.open_bytes(table, id, &sealed) else {
            batch.lost.push(id);
            continue;
        };
        let anew = app.vault.seal_bytes(table, id, &plain)?;
        batch.sealed += replace(&tx.connection, table, column, id, sealed, anew).await?;
    }
    tx.commit().await?;
    Ok(batch)
}

fn outdated(vault: &Vault, table: &'static str, column: &'static str, after: Uuid) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns([Alias::new("id"), Alias::new(column)])
        .from(Alias::new(table))
        .and_where(Expr::col(Alias::new("id")).gt(after))
        .and_where(key_of(column).ne(vault.newest().to_vec()))
        .order_by(Alias::new("id"), Order::Asc)
        .limit(BATCH)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
    select
}

/// The version stays the same, because the content of the row has not changed.
async fn replace(
    tx: &DatabaseTransaction,
    table: &'static str,
    column: &'static str,
    id: Uuid,
    sealed: Vec<u8>,
    anew: Vec<u8>,
) -> Result<u64> {
    let update = Query::update()
        .table(Alias::new(table))
        .value(Alias::new(column), anew)
        .and_where(Expr::col(Alias::new("id")).eq(id))
        .and_where(Expr::col(Alias::new(column)).eq(sealed))
        .to_owned();
    Ok(tx.execute(&update).await?.rows_affected())
}
