//! The days of what becomes of a household: which are possible, and as of which the ledger counts them.
//!
//! A month is closed for a town by its accepted form. What is entered after that keeps the day on which it happened, and the ledger
//! counts it in the month that is open, as forms carry over help that is entered late. So the figures of closed months stay.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use contract::Month;
use entities::households::{Row, status};
use platform::area::town_of;
use platform::{Error, Result, Tx};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

/// Refuses a day on which a deed cannot have happened to a household: one to come, or one before the last of its changes.
///
/// # Errors
/// A fault at `pointer`.
pub(super) async fn check(tx: &Tx, row: &Row, day: NaiveDate, pointer: &'static str) -> Result<()> {
    if day > tx.today() {
        return Err(Error::field(pointer, "future"));
    }
    let last = last_of(tx, row.id, status::Column::Since).await?;
    if day < last.map_or(row.status_since, |last| last.max(row.status_since)) {
        return Err(Error::field(pointer, "before_status"));
    }
    Ok(())
}

/// The latest day in this column of the statuses of a household.
async fn last_of(tx: &Tx, id: Uuid, column: status::Column) -> Result<Option<NaiveDate>> {
    let last = status::Entity::find().select_only().column_as(column.max(), "last").filter(status::Column::HouseholdId.eq(id));
    Ok(last.into_tuple::<Option<NaiveDate>>().one(&tx.connection).await?.flatten())
}

/// The day as of which the ledger counts what happened to a household on a day, in all of these villages alike: the first one that
/// is open in their towns, and none before what it has counted of the household already.
pub(super) async fn counted_on(tx: &Tx, id: Uuid, villages: &[&str], day: NaiveDate) -> Result<NaiveDate> {
    let open = open_since(tx, villages.iter().copied(), day).await?;
    let last = last_of(tx, id, status::Column::CountedOn).await?;
    Ok(open.into_values().chain(last).fold(day, Ord::max))
}

/// The first day that is open in the towns of these villages, of those where a month from this day on is closed.
pub(super) async fn open_since<'a>(
    tx: &Tx,
    villages: impl Iterator<Item = &'a str>,
    day: NaiveDate,
) -> Result<HashMap<String, NaiveDate>> {
    let towns: BTreeSet<_> = villages.map(town_of).collect();
    entities::reports::open_since(tx, towns, Month::of(day)).await
}

/// The day as of which the ledger of a village counts what happened on a day.
pub(super) async fn open_on(tx: &Tx, village_code: &str, day: NaiveDate) -> Result<NaiveDate> {
    let open = open_since(tx, std::iter::once(village_code), day).await?;
    Ok(open.into_values().fold(day, Ord::max))
}
