//! Records help, and confirms it.

use contract::adoptions::{HelpAction, HelpInput, HelpRecord, HelpState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::help_records::{ActiveModel, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::list::HelpRecords;
use crate::adoption_updates::list::writes;
use crate::adoptions;

/// Records help.
///
/// # Errors
/// `validation_failed`, `forbidden`, `adoption_not_active`.
pub async fn create(tx: &Tx, input: HelpInput) -> Result<HelpRecord> {
    if !writes(tx.caller()?) {
        return Err(ErrorCode::Forbidden.into());
    }
    let (_, days) = adoptions::service::held(tx, input.adoption_id).await?;
    days.check_day(input.happened_on)?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        state: Set(Code(HelpState::Recorded)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    HelpRecords::read(&tx.asker()?, id).await
}

/// Changes a record that is not confirmed yet.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `adoption_not_active`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<HelpRecord> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = HelpRecords::read(&tx.asker()?, id).await?;
    if !writes(caller) {
        return Err(ErrorCode::Forbidden.into());
    }
    tx.check_version(before.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<HelpInput>(&before.details)? else { return Ok(before) };
    if input.adoption_id != before.details.adoption_id {
        return Err(Error::field("/adoption_id", "fixed"));
    }
    let (_, days) = adoptions::service::held(tx, input.adoption_id).await?;
    days.check_day(input.happened_on)?;
    tx.write::<Entity>(id, before.version, columns(&input)).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    HelpRecords::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: HelpAction, input: StepInput) -> Result<HelpRecord> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = HelpRecords::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(HelpState::STEPS, before.state, action, caller.role, &input)?;
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(step.to)), ..Default::default() }).await?;
    let (from, to) = (json!({ "state": before.state }), json!({ "state": step.to }));
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &from, &to).await?;
    HelpRecords::read(&tx.asker()?, id).await
}

fn columns(input: &HelpInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel { ..input.{ adoption_id, kind, happened_on, amount_fen, goods, hours, description } })
}
