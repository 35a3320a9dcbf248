//! Moves a household to another village, together with its file.
//!
//! The number of a file names its village, and so does everything given and planned there. So the household gets a file in the
//! other village, with its members and all data about it. The old file is closed and stays where it is: ledger, lists and forms
//! of the old village keep what happened there. For consent and retention both are one family.

use contract::ErrorCode;
use contract::households::{HouseholdInput, HouseholdMoveInput, HouseholdStatus};
use contract::ledger::LedgerFigure;
use entities::households::{ActiveModel, Entity, OBJECT, Personal, Whole, file_number, member, merge};
use entities::scope;
use platform::audit::Event;
use platform::coded::AsJson;
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::consent::{self, Ask};
use super::days;
use super::doubles;
use super::merging::MERGES;
use super::service::{check_remark, file, held};
use super::writing::{Change, New, numbers, open, write_status};
use crate::villages;

/// Opens a file for a household in its new village, and closes the present one. Within a town the town office moves it, between
/// towns the bureau. The caller of this function must end what rests on the old file. Returns the id of the new one.
///
/// A household that had left comes back with this. As when its file is reopened, it consents, and is registered again.
///
/// # Errors
/// `not_found`, `household_moved`, `household_merged`, `household_anonymised`, `household_not_consented`, `likely_double`,
/// `stale_version`, `validation_failed`.
pub async fn move_to(tx: &Tx, id: Uuid, input: HouseholdMoveInput) -> Result<Uuid> {
    let whole = held(tx, id).await?;
    let row = &whole.row;
    tx.check_version(row.version)?;
    let returns = row.status.0 == HouseholdStatus::Left;
    if returns {
        consent::require(whole.personal.consent.as_ref(), Ask::Assistance)?;
    }
    let village = villages::service::named(tx, &input.village_code, "/village_code").await?.code;
    if village == row.village_code {
        return Err(Error::field("/village_code", "same_village"));
    }
    if !scope::covers(tx.caller()?, &village) {
        return Err(Error::field("/village_code", "other_town"));
    }
    days::check(tx, row, input.moved_on, "/moved_on").await?;
    check_remark(tx, id, &file(tx, id).await?, "/note", Some(&input.note)).await?;
    let before = Entity::find_by_id(id).one(&tx.connection).await?.ok_or(ErrorCode::NotFound)?;
    let number = numbers(tx, std::slice::from_ref(&village)).await?.get(&village).unwrap_or(&0) + 1;
    let details = HouseholdInput { village_code: village.clone(), not_a_double: input.not_a_double, ..whole.details() };
    if !details.not_a_double {
        doubles::check(tx, &[&details], &[]).await?;
    }
    // Members first, since nobody can be a member of two households.
    member::Entity::delete_many()
        .filter(member::Column::HouseholdId.eq(id))
        .filter(member::is_member())
        .exec(&tx.connection)
        .await?;
    let is_counted = row.status.0.in_difficulty();
    let there = match row.status.0 {
        HouseholdStatus::Left => Change::to(HouseholdStatus::Registered, input.moved_on).counted(LedgerFigure::Registered),
        status if is_counted => Change::to(status, input.moved_on).counted(LedgerFigure::MovedIn),
        status => Change::to(status, row.status_since),
    };
    // Both villages count it in one month, so that the figures around them add up.
    let counted_on = days::counted_on(tx, id, &[&row.village_code, &village], input.moved_on).await?;
    let there = Change { counted_on, ..there };
    let new_id = Uuid::now_v7();
    open(tx, vec![New::moved(tx, new_id, number, &details, &before, there)?]).await?;
    // A household that had left was gone from the old village since then.
    let gone = if returns { row.status_since } else { input.moved_on };
    let here = Change { note: Some(input.note.clone()), ..Change::to(HouseholdStatus::Transferred, gone) };
    let here = if is_counted { Change { counted_on, ..here.counted(LedgerFigure::MovedOut) } } else { here };
    close(tx, &whole, here).await?;
    link(tx, id, new_id, input.moved_on).await?;
    let event = Event { note: Some(input.note), ..Event::of(OBJECT, id, "move") };
    let after = json!({ "merged_into": file_number(&village, number), "moved_on": input.moved_on });
    tx.record(event, &(), &after).await?;
    Ok(new_id)
}

/// Closes the file that a household leaves behind. Of the sealed data, name and consent stay, because records of help there name
/// the household. The rest is for those who keep its file now.
pub(super) async fn close(tx: &Tx, whole: &Whole, change: Change) -> Result<()> {
    let id = whole.row.id;
    let left = Personal { address: String::new(), phone: None, bank_account: None, ..whole.personal.clone() };
    let columns = ActiveModel {
        personal: Set(tx.vault.seal(OBJECT, id, &left)?),
        phone_hash: Set(None),
        second_phone_hash: Set(None),
        ..change.columns(tx)
    };
    tx.write::<Entity>(id, whole.row.version, columns).await?;
    write_status(tx, (id, &whole.row.village_code), change).await
}

/// Links a file, and all files merged into it, to the one in which it continues.
pub(super) async fn link(tx: &Tx, id: Uuid, new_id: Uuid, moved_on: Date) -> Result<()> {
    merge::Entity::update_many()
        .col_expr(merge::Column::KeptId, Expr::value(new_id))
        .filter(merge::Column::KeptId.eq(id))
        .exec(&tx.connection)
        .await?;
    let link_id = Uuid::now_v7();
    let row = merge::ActiveModel {
        id: Set(link_id),
        kept_id: Set(new_id),
        merged_id: Set(id),
        merged_at: Set(tx.now),
        origins: Set(AsJson(Vec::new())),
        taken: Set(AsJson(Vec::new())),
        personal: Set(tx.vault.seal(MERGES, link_id, &())?),
        moved_on: Set(Some(moved_on)),
    };
    merge::Entity::insert(row).exec_without_returning(&tx.connection).await?;
    Ok(())
}
