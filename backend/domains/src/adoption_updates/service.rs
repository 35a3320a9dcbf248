//! Writes what was done in a month.

use contract::ErrorCode;
use contract::adoptions::{AdoptionUpdate, AdoptionUpdateInput};
use entities::adoption_updates::{ActiveModel, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::Written;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::{AdoptionUpdates, writes};
use crate::adoptions;

/// Writes the update of a month.
///
/// # Errors
/// `validation_failed`, `forbidden`, `adoption_not_active`, `progress_exists`.
pub async fn create(tx: &Tx, input: AdoptionUpdateInput) -> Result<AdoptionUpdate> {
    if !writes(tx.caller()?) {
        return Err(ErrorCode::Forbidden.into());
    }
    let (adoption, days) = adoptions::service::held(tx, input.adoption_id).await?;
    days.check_month(input.month)?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        adoption_id: Set(adoption.id),
        month: Set(Written(input.month)),
        content: Set(input.content),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::ProgressExists)?;
    let made = AdoptionUpdates::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made.details).await?;
    Ok(made)
}

/// Changes the words of an update.
///
/// # Errors
/// `not_found`, `forbidden`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<AdoptionUpdate> {
    let before = AdoptionUpdates::read(&tx.asker()?, id).await?;
    if !before.editable {
        return Err(ErrorCode::Forbidden.into());
    }
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<AdoptionUpdateInput>(&before.details)? else { return Ok(before) };
    let kept = &before.details;
    for (pointer, changed) in [("/adoption_id", input.adoption_id != kept.adoption_id), ("/month", input.month != kept.month)] {
        if changed {
            return Err(Error::field(pointer, "fixed"));
        }
    }
    tx.write::<Entity>(id, before.version, ActiveModel { content: Set(input.content.clone()), ..Default::default() }).await?;
    tx.record(Event::of(OBJECT, id, "update"), kept, &input).await?;
    AdoptionUpdates::read(&tx.asker()?, id).await
}
