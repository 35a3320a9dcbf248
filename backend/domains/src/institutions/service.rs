//! Writes institutions.

use contract::institutions::{ENTERED_BY, Institution, InstitutionAction, InstitutionInput, InstitutionState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::institutions::{ActiveModel, Column, Entity, OBJECT};
use entities::scope;
use platform::audit::Event;
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, LockType};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QuerySelect};
use serde_json::json;

use super::list::{Institutions, writes};
use crate::areas;
use crate::areas::succession::Succeeding;

/// Enters an institution.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `forbidden` for an institution, which is entered already.
pub async fn create(tx: &Tx, input: InstitutionInput) -> Result<Institution> {
    let caller = tx.caller()?;
    if !ENTERED_BY.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    areas::service::named(tx, &input.area_code, None, "/area_code").await?;
    if !scope::covers(caller, &input.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let id = Uuid::now_v7();
    Entity::insert(begun(tx, id, &input)).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    Institutions::read(&tx.asker()?, id).await
}

/// Changes an institution.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `institution_closed`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Institution> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Institutions::read(&tx.asker()?, id).await?;
    if before.state != InstitutionState::Open {
        return Err(ErrorCode::InstitutionClosed.into());
    }
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<InstitutionInput>(&before.details)? else { return Ok(before) };
    if let Some(field) = before.details.registered(&input).filter(|_| !ENTERED_BY.contains(&caller.role)) {
        return Err(Error::field(format!("/{field}"), "as_registered"));
    }
    if input.area_code != before.details.area_code {
        areas::service::named(tx, &input.area_code, None, "/area_code").await?;
        if !writes(caller, id, &input.area_code) {
            return Err(Error::field("/area_code", "unknown"));
        }
    }
    tx.write::<Entity>(id, before.version, columns(&input)).await.on_unique(taken())?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    Institutions::read(&tx.asker()?, id).await
}

/// Takes a step. What ends with an institution is up to the workflow.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: InstitutionAction, input: StepInput) -> Result<Institution> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Institutions::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(InstitutionState::STEPS, before.state, action, caller.role, &input)?;
    if !scope::covers(caller, &before.details.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(step.to)), ..Default::default() }).await?;
    let (from, to) = (json!({ "state": before.state }), json!({ "state": step.to }));
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &from, &to).await?;
    Institutions::read(&tx.asker()?, id).await
}

/// The name of an institution.
pub async fn name(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<String>> {
    Ok(Entity::find_by_id(id).one(db).await?.map(|row| row.name))
}

/// The area of the institution in a field of an account. It is locked, so that it does not close before the transaction ends.
///
/// # Errors
/// A fault at `pointer` if there is no such institution, or it has closed.
pub async fn area(tx: &Tx, id: Uuid, pointer: &str) -> Result<String> {
    let row = Entity::find_by_id(id).lock(LockType::Share).one(&tx.connection).await?;
    let row = row.ok_or_else(|| Error::field(pointer, "unknown"))?;
    if row.state.0 == InstitutionState::Open { Ok(row.area_code) } else { Err(Error::field(pointer, "institution_closed")) }
}

/// Lets the institutions of a village follow into the one that replaces it. Returns how many they are.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    succeeding.objects::<Entity>(OBJECT, Column::AreaCode, Condition::all()).await
}

fn taken() -> Error {
    Error::field("/code", "taken")
}

/// The row of a new institution.
pub(super) fn begun(tx: &Tx, id: Uuid, input: &InstitutionInput) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        state: Set(Code(InstitutionState::Open)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    }
}

fn columns(input: &InstitutionInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_key: Set(spelling::key(&input.name)),
        name_words: Set(spelling::words(&input.name)),
        ..input.{
            name, code, kind, area_code, address, bed_count, staff_count, served_count, difficulties, contact_name, contact_phone,
        }
    })
}
