//! Finds villages and changes their profiles.

use std::collections::HashSet;

use contract::ErrorCode;
use contract::villages::{Village, VillageInput};
use entities::scope;
use entities::villages::{ActiveModel, Column, Entity, OBJECT};
use platform::area::within;
use platform::audit::Event;
use platform::coded::Code;
use platform::object::{Object, locked};
use platform::{Asker, Error, Patch, Result, Tx, columns};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect, QueryTrait};

use super::list::Villages;
use crate::areas;
use crate::areas::succession::{FOLLOWED, Succeeding};

/// Changes a profile.
///
/// # Errors
/// `not_found`, `village_ended`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, code: &str, patch: Patch) -> Result<Village> {
    let before = Villages::read(&tx.asker()?, code.to_owned()).await?;
    if before.ended_on.is_some() {
        return Err(ErrorCode::VillageEnded.into());
    }
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let Some(input) = patch.changes::<VillageInput>(&before.profile)? else { return Ok(before) };
    tx.write::<Entity>(code, before.version, columns(input)).await?;
    let after = Villages::read(&tx.asker()?, code.to_owned()).await?;
    let event = Event::of(OBJECT, code, "update");
    tx.record(event, &before.profile, &after.profile).await?;
    Ok(after)
}

/// Creates an empty profile for every participating village of an area that has none.
pub async fn complete(tx: &Tx, area_code: &str) -> Result<()> {
    use entities::areas as area;
    let known = Entity::find().select_only().column(Column::Code).into_query();
    let missing: Vec<String> = area::Entity::find()
        .select_only()
        .column(area::Column::Code)
        .filter(area::Column::Level.eq(Code(contract::areas::AreaLevel::Village)))
        .filter(area::Column::TakesPart.eq(true))
        .filter(within((area::Entity, area::Column::Code), area_code))
        .filter(area::Column::Code.not_in_subquery(known))
        .into_tuple()
        .all(&tx.connection)
        .await?;
    for batch in missing.chunks(1_000) {
        let rows = batch.iter().map(|code| ActiveModel {
            code: Set(code.clone()),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            version: Set(1),
            ..columns(VillageInput::default())
        });
        Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}

pub(super) fn columns(input: VillageInput) -> ActiveModel {
    columns!(ActiveModel {
        ..input.{
            resources, industries, old_base, population, low_income_households, collective_income_fen, contact_name,
            contact_phone,
        }
    })
}

/// The village in a field of an input, within the caller's catalogue. Its row is locked: no other village replaces it before the
/// transaction ends.
///
/// # Errors
/// A fault at `pointer` if there is no such village, or another one has replaced it.
pub async fn named(tx: &Tx, code: &str, pointer: &str) -> Result<Village> {
    areas::service::hold(tx, code).await?;
    let village = Villages::read(&tx.asker()?, code.to_owned()).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field(pointer, "unknown"),
        _ => error,
    })?;
    if village.ended_on.is_some() { Err(Error::field(pointer, "village_ended")) } else { Ok(village) }
}

/// Gives a village that replaces another one the profile of that, where it has none of its own yet. Returns whether it does.
pub async fn hand_down(succeeding: &Succeeding<'_>) -> Result<bool> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let find = async |code: &str| Entity::find_by_id(code).one(&tx.connection).await;
    let (Some(old), Some(new)) = (find(from).await?, find(to).await?) else { return Err(ErrorCode::Internal.into()) };
    let (old_version, new_version) = (old.version, new.version);
    let (profile, empty) = (VillageInput::from(old), VillageInput::from(new));
    let follows = empty == VillageInput::default() && profile != empty;
    if !dry_run {
        if follows {
            tx.write::<Entity>(to, new_version, columns(profile.clone())).await?;
            tx.record(Event::of(OBJECT, to, FOLLOWED), &empty, &profile).await?;
        }
        // What is shown of it is another than before.
        tx.write::<Entity>(from, old_version, ActiveModel { ..Default::default() }).await?;
    }
    Ok(follows)
}

/// Locks a village until the transaction ends, so that transactions that assign numbers in it queue.
pub async fn hold(tx: &Tx, code: &str) -> Result<()> {
    Entity::find_by_id(code).lock_exclusive().one(&tx.connection).await?;
    Ok(())
}

/// Locks several villages until the transaction ends.
pub async fn hold_all(tx: &Tx, codes: &[String]) -> Result<()> {
    for batch in codes.chunks(1_000) {
        let rows = locked(Entity::find().filter(Column::Code.is_in(batch)), Column::Code);
        rows.select_only().column(Column::Code).into_tuple::<String>().all(&tx.connection).await?;
    }
    Ok(())
}

/// Which of these villages are in the caller's catalogue.
pub async fn known(asker: &Asker<'_>, codes: HashSet<&str>) -> Result<HashSet<String>> {
    let codes: Vec<_> = codes.into_iter().collect();
    let mut known = HashSet::new();
    for batch in codes.chunks(1_000) {
        let select =
            scope::villages(asker.caller).select_only().column(Column::Code).filter(Column::Code.is_in(batch.iter().copied()));
        known.extend(select.into_tuple::<String>().all(&asker.db).await?);
    }
    Ok(known)
}
