//! Writes findings, their rectification and verification.

use contract::findings::{Finding, FindingAction, FindingInput, FindingState, FindingStepInput};
use contract::inspections::InspectionState;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError};
use entities::findings::{ActiveModel, Entity, OBJECT};
use entities::inspections::Row as Inspected;
use entities::scope;
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{Findings, actor, facts};
use super::policy;
use crate::inspections;

/// Writes a finding of an inspection.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `illegal_step` if the inspection was cancelled, `already_entered`.
pub async fn create(tx: &Tx, input: FindingInput) -> Result<Finding> {
    let id = tx.new_id::<Entity>(input.entry_id).await?;
    let inspection = inspections::service::named(tx, input.inspection_id).await?;
    if !scope::covers(tx.caller()?, &inspection.village_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if inspection.state.0 == InspectionState::Cancelled {
        return Err(workflow::illegal::<_, FindingAction>(inspection.state.0, &[]));
    }
    check(tx, &input, &inspection)?;
    let row = ActiveModel {
        id: Set(id),
        inspection_id: Set(inspection.id),
        pairing_id: Set(inspection.pairing_id),
        village_code: Set(inspection.village_code.clone()),
        first_due_on: Set(input.due_on),
        state: Set(Code(FindingState::Open)),
        reopenings: Set(0),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    let made = Findings::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

fn columns(input: FindingInput) -> ActiveModel {
    columns!(ActiveModel { ..input.{ item, severity, problem, found_on, due_on, responsible } })
}

fn check(tx: &Tx, input: &FindingInput, inspection: &Inspected) -> Result<()> {
    let mut faults = Vec::new();
    let items = inspection.items.0.len();
    if input.item.is_some_and(|item| usize::try_from(item).is_ok_and(|item| item > items)) {
        faults.push(FieldError::at("/item", "unknown"));
    }
    if input.found_on > tx.today() {
        faults.push(FieldError::at("/found_on", "future"));
    } else if input.found_on < inspection.starts_on {
        faults.push(FieldError::at("/found_on", "outside_round"));
    }
    if input.due_on < input.found_on {
        faults.push(FieldError::at("/due_on", "end_before_start"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

/// Changes a finding, until its rectification is submitted. The day that it had at first stays.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `own_rectification`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Finding> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let row = Findings::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    if !scope::covers(caller, &row.village_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let facts = facts(&row);
    if caller.role == policy::role_of(facts.responsible) {
        return Err(ErrorCode::OwnRectification.into());
    }
    if !policy::editable(facts, caller.role) {
        return Err(workflow::illegal(row.state.0, &policy::allowed(facts, actor(caller))));
    }
    let before = row.details();
    let Some(input) = patch.changes::<FindingInput>(&before)? else { return Findings::read(&tx.asker()?, id).await };
    let fixed = [("/inspection_id", input.inspection_id != before.inspection_id), ("/entry_id", input.entry_id.is_some())];
    if let Some((pointer, _)) = fixed.into_iter().find(|(_, changed)| *changed) {
        return Err(Error::field(pointer, "fixed"));
    }
    check(tx, &input, &inspections::service::named(tx, before.inspection_id).await?)?;
    tx.write::<Entity>(id, row.version, columns(input.clone())).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before, &input).await?;
    Findings::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `own_rectification`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: FindingAction, input: FindingStepInput) -> Result<Finding> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let row = Findings::row(&tx.asker()?, id).await?;
    tx.check_version(row.version)?;
    let (found_on, reopenings, version) = (row.found_on, row.reopenings, row.version);
    let state = policy::decide(facts(&row), action, actor(caller), &input, found_on, tx.today())?;
    let before = Findings::shown(&tx.asker()?, row);
    let verified = || ActiveModel {
        verified_at: Set(Some(tx.now)),
        verified_by: Set(Some(caller.user_id)),
        verified_by_name: Set(Some(caller.name.clone())),
        verified_role: Set(Some(Code(caller.role))),
        verification: Set(input.note.clone()),
        ..Default::default()
    };
    let columns = match action {
        FindingAction::Begin => ActiveModel { on_behalf_reason: Set(input.on_behalf_reason.clone()), ..Default::default() },
        // What somebody said of the rectification before stays in the history.
        FindingAction::Submit => ActiveModel {
            rectification: Set(input.note.clone()),
            rectified_on: Set(input.rectified_on),
            submitted_at: Set(Some(tx.now)),
            rectified_by: Set(Some(caller.user_id)),
            rectified_by_name: Set(Some(caller.name.clone())),
            rectified_role: Set(Some(Code(caller.role))),
            on_behalf_reason: Set(input.on_behalf_reason.clone()),
            verified_at: Set(None),
            verified_by: Set(None),
            verified_by_name: Set(None),
            verified_role: Set(None),
            verification: Set(None),
            ..Default::default()
        },
        FindingAction::Close => ActiveModel { closed_on: Set(Some(tx.today())), ..verified() },
        FindingAction::Reopen => ActiveModel {
            closed_on: Set(None),
            reopenings: Set(reopenings + 1),
            due_on: Set(input.due_on.unwrap_or(before.details.due_on)),
            ..verified()
        },
    };
    tx.write::<Entity>(id, version, ActiveModel { state: Set(Code(state)), ..columns }).await?;
    let after = Findings::read(&tx.asker()?, id).await?;
    let why = StepInput { note: input.note, on_behalf_reason: input.on_behalf_reason };
    tx.record(Event::of(OBJECT, id, action.code()).because(why), &before, &after).await?;
    Ok(after)
}
