//! Writes checklists.

use contract::inspections::{Checklist, ChecklistAction, ChecklistInput, ChecklistState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::checklists::{ActiveModel, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::object::Object;
use platform::{Patch, Result, Tx, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::Checklists;

/// Writes a checklist, which is a draft at first.
///
/// # Errors
/// `validation_failed`.
pub async fn create(tx: &Tx, input: ChecklistInput) -> Result<Checklist> {
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        area_code: Set(tx.caller()?.area_code.clone()),
        state: Set(Code(ChecklistState::Draft)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = Checklists::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

fn columns(input: ChecklistInput) -> ActiveModel {
    ActiveModel {
        name_key: Set(spelling::key(&input.title)),
        name_words: Set(spelling::words(&input.title)),
        title: Set(input.title),
        description: Set(input.description),
        items: Set(AsJson(input.items)),
        ..Default::default()
    }
}

/// Changes a checklist. Rounds that were opened keep the items that it had.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Checklist> {
    let before = own(tx, id).await?;
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<ChecklistInput>(&before.details)? else { return Ok(before) };
    tx.write::<Entity>(id, before.version, columns(input)).await?;
    let after = Checklists::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `illegal_step`, `stale_version`.
pub async fn step(tx: &Tx, id: Uuid, action: ChecklistAction, input: StepInput) -> Result<Checklist> {
    let before = own(tx, id).await?;
    let step = workflow::step(ChecklistState::STEPS, before.state, action, tx.caller()?.role, &input)?;
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(step.to)), ..Default::default() }).await?;
    let after = Checklists::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// A checklist that the caller keeps, locked and in the version that they have seen.
async fn own(tx: &Tx, id: Uuid) -> Result<Checklist> {
    tx.hold::<Entity>(id).await?;
    let row = Checklists::row(&tx.asker()?, id).await?;
    if !entities::scope::covers(tx.caller()?, &row.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(row.version)?;
    Ok(Checklists::shown(&tx.asker()?, row))
}
