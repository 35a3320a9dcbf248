//! Plans inspections, and writes down what they show.

use contract::inspections::{
    Inspection, InspectionAction, InspectionInput, InspectionState, InspectionStepInput, RoundState, incomplete, unknown_items,
};
use contract::objects::AttachmentObject;
use contract::pairings::PairingKind;
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, FieldError, ObjectKind};
use entities::inspections::{ActiveModel, Column, Entity, OBJECT, Row};
use entities::{attachments, inspection_rounds, scope};
use platform::audit::Event;
use platform::coded::{AsJson, Code};
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::inspectors;
use super::list::{Inspections, facts};
use super::policy;
use crate::pairings;

/// Adds an inspection of a pairing to a round that is open.
///
/// # Errors
/// `validation_failed`, `outside_own_scope`, `illegal_step`, `inspection_exists`, `pairing_not_active`.
pub async fn create(tx: &Tx, input: InspectionInput) -> Result<Inspection> {
    let caller = tx.caller()?;
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let unknown = || Error::field("/round_id", "unknown");
    let round = scope::rounds(caller).filter(inspection_rounds::Column::Id.eq(input.round_id));
    let round = round.one(&tx.connection).await?.ok_or_else(unknown)?;
    // Locked, so that it is not closed before the transaction ends.
    tx.hold::<inspection_rounds::Entity>(round.id).await?;
    let round = inspection_rounds::Entity::find_by_id(round.id).one(&tx.connection).await?.ok_or_else(unknown)?;
    if !scope::covers(caller, &round.area_code) {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    if round.state.0 != RoundState::Open {
        return Err(workflow::illegal::<RoundState, InspectionAction>(round.state.0, &[]));
    }
    if pairing.campaign_id != round.campaign_id || !pairing.village_code.starts_with(&round.area_code) {
        return Err(Error::field("/pairing_id", "unknown"));
    }
    if pairing.state != contract::pairings::PairingState::Active {
        return Err(ErrorCode::PairingNotActive.into());
    }
    let known = Entity::find().filter(Column::RoundId.eq(round.id)).filter(Column::PairingId.eq(pairing.id));
    if let Some(known) = known.one(&tx.connection).await? {
        return Err(Error::from(ErrorCode::InspectionExists).because_of(ObjectKind::Inspection, known.id));
    }
    let items = round.items.map(|items| items.0).unwrap_or_default();
    check(tx, &input, &items, round.starts_on)?;
    let names = inspectors::names(tx, &input.inspectors, &[]).await?;
    let id = Uuid::now_v7();
    let assigned = input.inspectors.clone();
    let row = ActiveModel {
        id: Set(id),
        round_id: Set(round.id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code),
        state: Set(Code(InspectionState::Planned)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(input, names)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::InspectionExists)?;
    inspectors::assign(tx, id, &assigned).await?;
    let made = Inspections::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

fn columns(input: InspectionInput, names: Vec<String>) -> ActiveModel {
    ActiveModel {
        inspectors: Set(AsJson(input.inspectors)),
        inspector_names: Set(AsJson(names)),
        planned_on: Set(input.planned_on),
        held_on: Set(input.held_on),
        results: Set(AsJson(input.results)),
        conclusion: Set(input.conclusion.map(Code)),
        summary: Set(input.summary),
        ..Default::default()
    }
}

/// Checks what is written, which may still be half of it.
fn check(
    tx: &Tx,
    input: &InspectionInput,
    items: &[contract::inspections::ChecklistItem],
    starts_on: chrono::NaiveDate,
) -> Result<()> {
    let mut faults = unknown_items(input, items);
    for (pointer, day) in [("/planned_on", Some(input.planned_on)), ("/held_on", input.held_on)] {
        if day.is_some_and(|day| day < starts_on) {
            faults.push(FieldError::at(pointer, "outside_round"));
        }
    }
    if input.held_on.is_some_and(|day| day > tx.today()) {
        faults.push(FieldError::at("/held_on", "future"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::fields(faults)) }
}

/// Changes an inspection that is planned: what it shows may be written down bit by bit.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Inspection> {
    let row = held(tx, id).await?;
    tx.check_version(row.version)?;
    let (facts, role) = (facts(tx.caller()?, &row), tx.caller()?.role);
    if !policy::editable(facts, role) {
        return Err(workflow::illegal(row.state.0, &policy::allowed(facts, role)));
    }
    let (items, starts_on) = (row.items.0.clone(), row.starts_on);
    let before = Inspections::shown(&tx.asker()?, row);
    let Some(input) = patch.changes::<InspectionInput>(&before.details)? else { return Ok(before) };
    let kept = &before.details;
    for (pointer, changed) in
        [("/round_id", input.round_id != kept.round_id), ("/pairing_id", input.pairing_id != kept.pairing_id)]
    {
        if changed {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    check(tx, &input, &items, starts_on)?;
    let names = inspectors::names(tx, &input.inspectors, &kept.inspectors).await?;
    if input.inspectors != kept.inspectors {
        inspectors::assign(tx, id, &input.inspectors).await?;
    }
    tx.write::<Entity>(id, before.version, columns(input, names)).await?;
    let after = Inspections::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), kept, &after.details).await?;
    Ok(after)
}

/// Takes a step. Completing may bring what was seen.
///
/// # Errors
/// `not_found`, `forbidden`, `outside_own_scope`, `already_entered`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: InspectionAction, input: InspectionStepInput) -> Result<Inspection> {
    let caller = tx.caller()?;
    let row = held(tx, id).await?;
    // What was sent and arrived is there, whatever has changed since.
    if input.entry_id.is_some() && row.entry_id == input.entry_id {
        return Err(ErrorCode::AlreadyEntered.into());
    }
    tx.check_version(row.version)?;
    let why = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let state = policy::decide(facts(caller, &row), action, caller.role, &why)?;
    let (items, starts_on) = (row.items.0.clone(), row.starts_on);
    let before = Inspections::shown(&tx.asker()?, row);
    let seen = match action {
        InspectionAction::Cancel => match input.seen() {
            Some(pointer) => return Err(Error::field(pointer, "not_for_step")),
            None => ActiveModel { ..Default::default() },
        },
        InspectionAction::Complete => {
            let entry_id = input.entry_id;
            let written = completed(&before.details, input);
            check(tx, &written, &items, starts_on)?;
            let mut faults = incomplete(&written, &items);
            let wants_photo = faults.is_empty() && items.iter().any(|item| item.needs_photo);
            if wants_photo && !attachments::has_scan(tx, AttachmentObject::Inspection, id).await? {
                faults.push(FieldError::at("/results", "photo_missing"));
            }
            if !faults.is_empty() {
                return Err(Error::fields(faults));
            }
            ActiveModel { entry_id: Set(entry_id), ..columns(written, before.inspector_names.clone()) }
        }
    };
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(state)), ..seen }).await?;
    let after = Inspections::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(why), &before, &after).await?;
    Ok(after)
}

/// What is written of an inspection, with what completing brings.
fn completed(written: &InspectionInput, brought: InspectionStepInput) -> InspectionInput {
    let written = written.clone();
    InspectionInput {
        held_on: brought.held_on.or(written.held_on),
        results: brought.results.unwrap_or(written.results),
        conclusion: brought.conclusion.or(written.conclusion),
        summary: brought.summary.or(written.summary),
        ..written
    }
}

/// An inspection that the caller may write, locked together with its round.
async fn held(tx: &Tx, id: Uuid) -> Result<Row> {
    let seen = Inspections::row(&tx.asker()?, id).await?;
    tx.hold::<inspection_rounds::Entity>(seen.round_id).await?;
    tx.hold::<Entity>(id).await?;
    let row = Inspections::row(&tx.asker()?, id).await?;
    if scope::covers(tx.caller()?, &row.village_code) { Ok(row) } else { Err(ErrorCode::OutsideOwnScope.into()) }
}

/// The inspection in a field of an input, locked.
///
/// # Errors
/// A fault at `/inspection_id` if there is no such inspection.
pub async fn named(tx: &Tx, id: Uuid) -> Result<Row> {
    let unknown = |error: Error| match error.code {
        ErrorCode::NotFound => Error::field("/inspection_id", "unknown"),
        _ => error,
    };
    Inspections::row(&tx.asker()?, id).await.map_err(unknown)?;
    tx.hold::<Entity>(id).await?;
    Inspections::row(&tx.asker()?, id).await
}
