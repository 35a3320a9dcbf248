//! Finds villages and changes their profiles.

use std::collections::HashSet;

use contract::ErrorCode;
use contract::villages::{Village, VillageInput};
use entities::scope;
use entities::villages::{ActiveModel, Column, Entity, OBJECT};
use platform::area::within;
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Asker, Error, Patch, Result, Tx, columns};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, QueryTrait};

use super::list::Villages;

/// Changes a profile.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, code: &str, patch: Patch) -> Result<Village> {
    let before = Villages::read(&tx.asker()?, code.to_owned()).await?;
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let input: VillageInput = patch.apply(&before.profile)?;
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

/// The village in a field of an input, within the caller's catalogue.
///
/// # Errors
/// A fault at `pointer` if there is no such village.
pub async fn named(asker: &Asker<'_>, code: &str, pointer: &str) -> Result<Village> {
    Villages::read(asker, code.to_owned()).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field(pointer, "unknown"),
        _ => error,
    })
}

/// Locks a village until the transaction ends, so that transactions that assign numbers in it queue.
pub async fn hold(tx: &Tx, code: &str) -> Result<()> {
    Entity::find_by_id(code).lock_exclusive().one(&tx.connection).await?;
    Ok(())
}

/// Locks several villages until the transaction ends, in the order of their codes, so that no two transactions wait for each
/// other.
pub async fn hold_all(tx: &Tx, codes: &[String]) -> Result<()> {
    for batch in codes.chunks(1_000) {
        let rows = Entity::find().filter(Column::Code.is_in(batch)).order_by_asc(Column::Code).lock_exclusive();
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
