//! Records, confirms and corrects outcomes.

use contract::outcomes::{Outcome, OutcomeAction, OutcomeDetailsInput, OutcomeInput, OutcomeState};
use contract::pairings::{Pairing, PairingKind};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::outcomes::{ActiveModel, Entity, OBJECT, Row};
use platform::audit::Event;
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::Outcomes;
use super::policy;
use crate::campaigns;
use crate::pairings;
use crate::progress::list::ProgressUpdates;
use crate::progress::policy::Facts;
use crate::projects::list::Projects;

/// Records an outcome, or the correction of a confirmed one.
///
/// # Errors
/// `validation_failed`, `pairing_not_active`, `illegal_step` if the replaced outcome is not confirmed, `already_corrected`.
pub async fn create(tx: &Tx, input: OutcomeInput) -> Result<Outcome> {
    let caller = tx.caller()?;
    let details = OutcomeDetailsInput {
        progress_update_id: input.progress_update_id,
        project_id: input.project_id,
        indicator: input.indicator,
        quantity: input.quantity,
        happened_on: input.happened_on,
        description: input.description,
    };
    let pairing = check(tx, input.pairing_id, &details).await?;
    if let Some(id) = input.replaces_id {
        let replaced = Outcomes::row(&tx.asker()?, id).await.ok().filter(|row| row.pairing_id == input.pairing_id);
        let state = replaced.ok_or_else(|| Error::field("/replaces_id", "unknown"))?.state.0;
        if state != OutcomeState::Confirmed {
            return Err(workflow::illegal(state, &OutcomeState::STEPS.allowed(state, caller.role)));
        }
    }
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code),
        replaces_id: Set(input.replaces_id),
        state: Set(Code(OutcomeState::Recorded)),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(details)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::AlreadyCorrected)?;
    let made = Outcomes::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

async fn check(tx: &Tx, pairing_id: Uuid, details: &OutcomeDetailsInput) -> Result<Pairing> {
    let pairing = pairings::service::held(tx, PairingKind::Village, pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.asker()?, pairing.campaign_id, "/pairing_id").await?;
    let facts = Facts {
        today: tx.today(),
        campaign_starts_on: campaign.details.starts_on,
        campaign_ends_on: campaign.details.ends_on,
        active_since: pairing.active_since,
        ended_on: pairing.ended_on,
    };
    policy::check_day(&facts, details.happened_on)?;
    if let Some(id) = details.progress_update_id {
        let update = ProgressUpdates::read(&tx.asker()?, id).await;
        if !update.is_ok_and(|update| update.pairing_id == pairing_id) {
            return Err(Error::field("/progress_update_id", "unknown"));
        }
    }
    if let Some(id) = details.project_id {
        let project = Projects::read(&tx.asker()?, id).await;
        if !project.is_ok_and(|project| project.details.pairing_id == pairing_id) {
            return Err(Error::field("/project_id", "unknown"));
        }
    }
    Ok(pairing)
}

fn columns(details: OutcomeDetailsInput) -> ActiveModel {
    columns!(ActiveModel { ..details.{ progress_update_id, project_id, indicator, quantity, happened_on, description } })
}

/// Changes an outcome that is not confirmed yet.
///
/// # Errors
/// `not_found`, `illegal_step`, `stale_version`, `validation_failed`, `pairing_not_active`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Outcome> {
    let caller = tx.caller()?;
    let before = Outcomes::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let state = before.state.0;
    if state != OutcomeState::Recorded {
        return Err(workflow::illegal(state, &OutcomeState::STEPS.allowed(state, caller.role)));
    }
    let old = before.details();
    let Some(new) = patch.changes::<OutcomeDetailsInput>(&old)? else { return Outcomes::read(&tx.asker()?, id).await };
    check(tx, before.pairing_id, &new).await?;
    tx.write::<Entity>(before.id, before.version, columns(new.clone())).await?;
    tx.record(Event::of(OBJECT, id, "update"), &old, &new).await?;
    Outcomes::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: OutcomeAction, input: StepInput) -> Result<Outcome> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Outcomes::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let step = workflow::step(OutcomeState::STEPS, before.state.0, action, caller.role, &input)?;
    if let (OutcomeAction::Confirm, Some(replaced)) = (action, before.replaces_id) {
        tx.hold::<Entity>(replaced).await?;
        let replaced = Outcomes::row(&tx.asker()?, replaced).await?;
        let state = replaced.state.0;
        // It was withdrawn meanwhile, so nothing is left to correct.
        if state != OutcomeState::Confirmed {
            return Err(workflow::illegal(state, &[OutcomeAction::Withdraw]));
        }
        move_to(tx, replaced, OutcomeState::Corrected, Event::of(OBJECT, before.replaces_id.unwrap_or(id), "correct")).await?;
    }
    move_to(tx, before, step.to, Event::of(OBJECT, id, action.code()).because(input)).await?;
    Outcomes::read(&tx.asker()?, id).await
}

async fn move_to(tx: &Tx, before: Row, state: OutcomeState, event: Event<'_>) -> Result<()> {
    tx.write::<Entity>(before.id, before.version, ActiveModel { state: Set(Code(state)), ..Default::default() }).await?;
    let before = before.into_outcome(false, Vec::new());
    let after = Outcome { state, ..before.clone() };
    tx.record(event, &before, &after).await
}
