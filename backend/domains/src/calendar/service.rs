//! Writes days of the calendar. With them move the due days of the campaigns whose forms are due on the next working day.

use contract::calendar::{CalendarDay, CalendarDayInput};
use entities::calendar_days::{self, ActiveModel, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::Code;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;

use super::list::CalendarDays;
use crate::campaigns;

/// Enters a day.
///
/// # Errors
/// `validation_failed`.
pub async fn create(tx: &Tx, input: CalendarDayInput) -> Result<CalendarDay> {
    calendar_days::hold(tx, LockType::Update).await?;
    let id = Uuid::now_v7();
    Entity::insert(begun(tx, id, &input)).exec_without_returning(&tx.connection).await.on_unique(taken())?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &input).await?;
    campaigns::service::move_due_days(tx, input.day, input.day).await?;
    CalendarDays::read(&tx.asker()?, id).await
}

/// Changes a day.
///
/// # Errors
/// `not_found`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<CalendarDay> {
    calendar_days::hold(tx, LockType::Update).await?;
    let before = CalendarDays::read(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<CalendarDayInput>(&before.details)? else { return Ok(before) };
    tx.write::<Entity>(id, before.version, columns(&input)).await.on_unique(taken())?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &input).await?;
    let (first, last) = (before.details.day.min(input.day), before.details.day.max(input.day));
    campaigns::service::move_due_days(tx, first, last).await?;
    CalendarDays::read(&tx.asker()?, id).await
}

fn taken() -> Error {
    Error::field("/day", "taken")
}

/// The row of a new day.
pub(super) fn begun(tx: &Tx, id: Uuid, input: &CalendarDayInput) -> ActiveModel {
    ActiveModel { id: Set(id), created_at: Set(tx.now), updated_at: Set(tx.now), version: Set(1), ..columns(input) }
}

fn columns(input: &CalendarDayInput) -> ActiveModel {
    let CalendarDayInput { day, kind, name } = input.clone();
    ActiveModel { day: Set(day), kind: Set(Code(kind)), name: Set(name), ..Default::default() }
}
