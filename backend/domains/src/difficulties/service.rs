//! Raises difficulties, and says how they were solved.

use chrono::NaiveDate;
use contract::adoptions::{Difficulty, DifficultyAction, DifficultyInput, DifficultyState, DifficultyStepInput};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use entities::difficulties::{ActiveModel, Entity, OBJECT};
use entities::{institutions, scope};
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{Difficulties, raises};
use crate::adoptions;
use crate::campaigns;

/// Raises a difficulty.
///
/// # Errors
/// `validation_failed`, `forbidden`, `outside_own_scope`.
pub async fn create(tx: &Tx, input: DifficultyInput) -> Result<Difficulty> {
    let caller = tx.caller()?;
    if !raises(caller) {
        return Err(ErrorCode::Forbidden.into());
    }
    let own = scope::institutions(caller).filter(institutions::Column::Id.eq(input.institution_id));
    if own.one(&tx.connection).await?.is_none() {
        return Err(Error::field("/institution_id", "unknown"));
    }
    check_day(tx, &input).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        state: Set(Code(DifficultyState::Open)),
        solved_on: Set(None),
        solution: Set(None),
        adoption_id: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(&input)
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    Difficulties::read(&tx.asker()?, id).await
}

async fn check_day(tx: &Tx, input: &DifficultyInput) -> Result<()> {
    let campaign = campaigns::service::named(&tx.asker()?, input.campaign_id, "/campaign_id").await?;
    let (first, last) = (campaign.details.starts_on, campaign.details.ends_on);
    match fault(input.raised_on, first, last, tx.today()) {
        Some(code) => Err(Error::field("/raised_on", code)),
        None => Ok(()),
    }
}

/// Why something cannot have happened on a day.
fn fault(day: NaiveDate, first: NaiveDate, last: NaiveDate, today: NaiveDate) -> Option<&'static str> {
    if day > today { Some("future") } else { (day < first || day > last).then_some("date_outside_campaign") }
}

/// Changes a difficulty that is open.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Difficulty> {
    tx.hold::<Entity>(id).await?;
    let before = Difficulties::read(&tx.asker()?, id).await?;
    if !raises(tx.caller()?) {
        return Err(ErrorCode::Forbidden.into());
    }
    tx.check_version(before.version)?;
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(input) = patch.changes::<DifficultyInput>(&before.details)? else { return Ok(before) };
    let kept = &before.details;
    for (pointer, changed) in [
        ("/campaign_id", input.campaign_id != kept.campaign_id),
        ("/institution_id", input.institution_id != kept.institution_id),
    ] {
        if changed {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    check_day(tx, &input).await?;
    tx.write::<Entity>(id, before.version, columns(&input)).await?;
    tx.record(Event::of(OBJECT, id, "update"), kept, &input).await?;
    Difficulties::read(&tx.asker()?, id).await
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: DifficultyAction, input: DifficultyStepInput) -> Result<Difficulty> {
    let caller = tx.caller()?;
    tx.hold::<Entity>(id).await?;
    let before = Difficulties::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let why = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let step = workflow::step(DifficultyState::STEPS, before.state, action, caller.role, &why)?;
    let columns = match action {
        DifficultyAction::Solve => {
            let solved_on = input.solved_on.ok_or_else(|| Error::field("/solved_on", "required"))?;
            if solved_on > tx.today() {
                return Err(Error::field("/solved_on", "future"));
            }
            if solved_on < before.details.raised_on {
                return Err(Error::field("/solved_on", "end_before_start"));
            }
            // A cadre solves difficulties of institutions that they stand by, and nothing else.
            if caller.role == Role::Cadre && input.adoption_id.is_none() {
                return Err(Error::field("/adoption_id", "required"));
            }
            if let Some(id) = input.adoption_id {
                let (adoption, _) = adoptions::service::held(tx, id).await?;
                if adoption.institution_id != before.details.institution_id || adoption.active_since.is_none() {
                    return Err(Error::field("/adoption_id", "unknown"));
                }
            }
            ActiveModel {
                solved_on: Set(Some(solved_on)),
                solution: Set(input.note),
                adoption_id: Set(input.adoption_id),
                ..Default::default()
            }
        }
        DifficultyAction::Unsolve => {
            if input.solved_on.is_some() {
                return Err(Error::field("/solved_on", "not_for_step"));
            }
            if input.adoption_id.is_some() {
                return Err(Error::field("/adoption_id", "not_for_step"));
            }
            ActiveModel { solved_on: Set(None), solution: Set(None), adoption_id: Set(None), ..Default::default() }
        }
    };
    tx.write::<Entity>(id, before.version, ActiveModel { state: Set(Code(step.to)), ..columns }).await?;
    let after = Difficulties::read(&tx.asker()?, id).await?;
    let kept = |shown: &Difficulty| Difficulty { editable: false, allowed_actions: Vec::new(), ..shown.clone() };
    tx.record(Event::of(OBJECT, id, action.code()).because(why), &kept(&before), &kept(&after)).await?;
    Ok(after)
}

fn columns(input: &DifficultyInput) -> ActiveModel {
    let input = input.clone();
    columns!(ActiveModel {
        name_words: Set(spelling::words(&input.title)),
        ..input.{ campaign_id, institution_id, title, description, raised_on }
    })
}
