//! Corrects the village or the day with which a file was opened by mistake, as long as nothing depends on the file.

use chrono::NaiveDate;
use contract::ErrorCode;
use contract::attachments::AttachmentObject;
use contract::households::HouseholdInput;
use entities::households::{Column, Entity, Row, merge, status, visit};
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::{self, NotSet, Set};
use sea_orm::entity::prelude::*;

use super::days;
use super::service::keeps;
use super::writing::numbers;
use crate::villages;

/// The columns with the village of a file and the day of its opening.
#[derive(Debug)]
pub(super) struct Place {
    pub village_code: ActiveValue<String>,
    pub numbered_in: ActiveValue<String>,
    pub sequence: ActiveValue<i32>,
    pub registered_on: ActiveValue<NaiveDate>,
    pub status_since: ActiveValue<NaiveDate>,
}

/// The changed columns. In another village the file gets a new number; with another day the household came on that day.
///
/// # Errors
/// `outside_own_scope`, a fault if something depends on the file, or there is no such village.
pub(super) async fn place(tx: &Tx, row: &Row, old: &HouseholdInput, new: &HouseholdInput) -> Result<Place> {
    let mut place =
        Place { village_code: NotSet, numbered_in: NotSet, sequence: NotSet, registered_on: NotSet, status_since: NotSet };
    let (moved, redated) = (new.village_code != old.village_code, new.registered_on != old.registered_on);
    if !moved && !redated {
        return Ok(place);
    }
    if !is_fresh(tx, row).await? {
        let (pointer, code) = if moved { ("/village_code", "file_in_use") } else { ("/registered_on", "day_in_use") };
        return Err(Error::field(pointer, code));
    }
    let counted_on = counted_on(tx, row.id).await?;
    let is_closed = days::open_on(tx, &row.village_code, counted_on).await? != counted_on;
    let mut opening = status::ActiveModel { ..Default::default() };
    if moved {
        // What a closed month has counted in one village it does not count in another: the household moves.
        if is_closed {
            return Err(Error::field("/village_code", "file_in_use"));
        }
        let village = villages::service::named(tx, &new.village_code, "/village_code").await?;
        if !keeps(tx.caller()?, &village.code) {
            return Err(ErrorCode::OutsideOwnScope.into());
        }
        let last = numbers(tx, std::slice::from_ref(&village.code)).await?;
        place.sequence = Set(last.get(&village.code).unwrap_or(&0) + 1);
        place.numbered_in = Set(village.code.clone());
        opening.village_code = Set(village.code.clone());
        place.village_code = Set(village.code);
    }
    if new.registered_on <= tx.today() {
        if redated {
            place.registered_on = Set(new.registered_on);
            place.status_since = Set(new.registered_on);
            opening.since = Set(new.registered_on);
        }
        if !is_closed {
            opening.counted_on = Set(days::open_on(tx, &new.village_code, new.registered_on).await?);
        }
    }
    status::Entity::update_many().set(opening).filter(status::Column::HouseholdId.eq(row.id)).exec(&tx.connection).await?;
    Ok(place)
}

/// The day as of which the ledger counts the only status of a file.
async fn counted_on(tx: &Tx, id: Uuid) -> Result<NaiveDate> {
    let only = status::Entity::find().filter(status::Column::HouseholdId.eq(id)).one(&tx.connection).await?;
    Ok(only.ok_or(ErrorCode::Internal)?.counted_on)
}

/// Whether nothing has happened to a file since it was opened.
async fn is_fresh(tx: &Tx, row: &Row) -> Result<bool> {
    let (db, ids, since) = (&tx.connection, [row.id], row.created_at);
    let statuses = status::Entity::find().filter(status::Column::HouseholdId.eq(row.id)).count(db).await?;
    let visits = visit::Entity::find().filter(visit::Column::HouseholdId.eq(row.id)).count(db).await?;
    let merges = merge::Entity::find().filter(merge::Column::KeptId.eq(row.id)).count(db).await?;
    let splits = Entity::find().filter(Column::SplitFromId.eq(row.id)).count(db).await?;
    Ok(statuses == 1
        && row.split_from_id.is_none()
        && splits == 0
        && visits == 0
        && merges == 0
        && !entities::assistance::any_since(db, &ids, since).await?
        && !entities::plans::any_since(db, &ids, since).await?
        && !entities::pairings::any_since(db, &ids, since).await?
        && !entities::attachments::any_since(db, AttachmentObject::Household, &ids, since).await?)
}
