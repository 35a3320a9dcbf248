//! Pairings with a household that go along when it moves to another village.
//!
//! The household has another file there, so a pairing ends with the old file and begins on the new one, and the histories of both
//! say so. It still depends on a pairing of the organisation with the village, which is now the other one. Nobody answers again:
//! the organisation stands by the same family, and whoever moves it says that it goes on.

use contract::pairings::PairingState;
use contract::{ErrorCode, FieldError};
use entities::pairings::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::object::{Object, locked};
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::list::Pairings;
use super::service::hold_village_pairing;
use crate::households;

/// The place of a field that names them.
fn at(index: usize) -> String {
    format!("/keep_pairings/{index}")
}

/// Locks the active pairings of a household that are to go along.
///
/// # Errors
/// `validation_failed` where one is not active, or not with this household.
pub async fn hold(tx: &Tx, household_id: Uuid, ids: &[Uuid]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::HouseholdId.eq(household_id))
        .filter(Column::State.eq(Code(PairingState::Active)));
    let rows = locked(rows, Column::Id).all(&tx.connection).await?;
    let held = |id: &Uuid| rows.iter().find(|row| row.id == *id).cloned();
    let missing: Vec<_> = ids.iter().enumerate().filter(|(_, id)| held(id).is_none()).collect();
    if !missing.is_empty() {
        return Err(Error::fields(missing.into_iter().map(|(index, _)| FieldError::at(at(index), "unknown")).collect()));
    }
    Ok(ids.iter().filter_map(held).collect())
}

/// Begins pairings that have ended with the old file of a household again on its new one, from today on.
///
/// # Errors
/// `validation_failed` where the organisation has no active pairing with the other village; `household_not_consented`,
/// `household_lifted_out`.
pub async fn carry(tx: &Tx, kept: Vec<Model>, household_id: Uuid, village_code: &str) -> Result<()> {
    if !kept.is_empty() {
        households::eligibility::hold_assistable(tx, household_id).await?;
    }
    for (index, old) in kept.into_iter().enumerate() {
        hold_village_pairing(tx, old.campaign_id, old.organisation_id, village_code).await.map_err(|error| match error.code {
            ErrorCode::VillagePairingMissing => Error::field(at(index), "village_pairing_missing"),
            _ => error,
        })?;
        let id = Uuid::now_v7();
        let row = Model {
            id,
            village_code: village_code.to_owned(),
            household_id: Some(household_id),
            active_since: Some(tx.today()),
            created_at: tx.now,
            updated_at: tx.now,
            version: 1,
            ..old.clone()
        };
        Entity::insert(ActiveModel::from(row)).exec_without_returning(&tx.connection).await?;
        let mut made = audit::to_map(&Pairings::read(&tx.asker()?, id).await?);
        made.insert("carried_from".to_owned(), old.id.to_string().into());
        tx.record(Event::of(OBJECT, id, "carry_on"), &(), &made).await?;
        tx.record(Event::of(OBJECT, old.id, "carry_on"), &(), &json!({ "carried_into": id })).await?;
    }
    Ok(())
}
