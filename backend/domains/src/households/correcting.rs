//! Corrects the village or the day with which a file was opened by mistake, as long as nothing depends on the file.

use chrono::NaiveDate;
use contract::ErrorCode;
use contract::attachments::AttachmentObject;
use contract::households::HouseholdInput;
use entities::households::{Column, Entity, Row, merge, status, visit};
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::{self, NotSet, Set};
use sea_orm::entity::prelude::*;

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
    if moved {
        let village = villages::service::named(tx, &new.village_code, "/village_code").await?;
        if !keeps(tx.caller()?, &village.code) {
            return Err(ErrorCode::OutsideOwnScope.into());
        }
        let last = numbers(tx, std::slice::from_ref(&village.code)).await?;
        place.sequence = Set(last.get(&village.code).unwrap_or(&0) + 1);
        place.numbered_in = Set(village.code.clone());
        status::Entity::update_many()
            .col_expr(status::Column::VillageCode, Expr::value(village.code.clone()))
            .filter(status::Column::HouseholdId.eq(row.id))
            .exec(&tx.connection)
            .await?;
        place.village_code = Set(village.code);
    }
    if redated && new.registered_on <= tx.today() {
        place.registered_on = Set(new.registered_on);
        place.status_since = Set(new.registered_on);
        status::Entity::update_many()
            .col_expr(status::Column::Since, Expr::value(new.registered_on))
            .filter(status::Column::HouseholdId.eq(row.id))
            .exec(&tx.connection)
            .await?;
    }
    Ok(place)
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
