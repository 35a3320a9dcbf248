//! What can be asked of villages, and how their profiles change.

use std::collections::HashSet;

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::villages::{Village, VillageInput, VillageQuery, VillageSort};
use contract::{CodedEnum, ErrorCode, Page, Permission};
use entities::villages::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::area::within;
use platform::audit::{self, Event};
use platform::coded::{Code, Kept};
use platform::list::{self, Key};
use platform::{Caller, Error, Patch, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, ConnectionTrait, JoinType, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::areas;

/// The villages that exist for a caller, with their names.
fn named_villages(caller: &Caller) -> Select<Entity> {
    names::village_and_town(scope::villages(caller), JoinType::InnerJoin, Relation::Area)
}

pub(super) fn editable(caller: &Caller, code: &str) -> bool {
    caller.may(Permission::WriteVillages) && scope::covers(caller, code)
}

/// The villages that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &VillageQuery) -> Result<Select<Entity>> {
    let mut select = named_villages(caller);
    if let Some(code) = &query.within {
        select = select.filter(within((Entity, Column::Code), code));
    }
    if let Some(old_base) = query.old_base {
        select = select.filter(Column::OldBase.eq(old_base));
    }
    if let Some(industry) = query.industry {
        // A JSON array of codes, none of which is a part of another: the text contains it on both databases.
        let text = Expr::col((Entity, Column::Industries)).cast_as("text");
        select = select.filter(text.like(format!("%\"{}\"%", industry.code())));
    }
    if let Some(q) = &query.q {
        select = select.filter(areas::service::called(db, (Entity, Column::Code), q).await?);
    }
    Ok(select)
}

fn order(sort: VillageSort) -> Expr {
    match sort {
        VillageSort::Code => list::column((Entity, Column::Code)),
        VillageSort::Name => list::column((entities::areas::Entity, entities::areas::Column::Name)),
        VillageSort::LowIncomeHouseholds => list::column((Entity, Column::LowIncomeHouseholds)),
        VillageSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
    }
}

fn keys(row: &Row, sort: VillageSort) -> (Key, Key) {
    let key = match sort {
        VillageSort::Code => Key::Text(row.code.clone()),
        VillageSort::Name => Key::Text(row.name.clone()),
        VillageSort::LowIncomeHouseholds => Key::Number(row.low_income_households.into()),
        VillageSort::UpdatedAt => Key::Instant(row.updated_at),
    };
    (key, Key::Text(row.code.clone()))
}

fn shown(caller: &Caller, row: Row) -> Village {
    let editable = editable(caller, &row.code);
    row.into_village(editable)
}

/// Lists villages.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &VillageQuery) -> Result<Page<Village>> {
    let page = list::page(db, filtered(db, caller, query).await?, query, (Entity, Column::Code), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, row)))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &VillageQuery,
    mut take: impl AsyncFnMut(Vec<Village>) -> Result<()>,
) -> Result<()> {
    list::each(db, filtered(db, caller, query).await?, query, (Entity, Column::Code), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, row)).collect()).await
    })
    .await
}

/// One village.
///
/// # Errors
/// `not_found` outside of the caller's catalogue.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, code: &str) -> Result<Village> {
    let row = named_villages(caller).filter(Column::Code.eq(code)).into_partial_model::<Row>().one(db).await?;
    row.map(|row| shown(caller, row)).ok_or_else(|| ErrorCode::NotFound.into())
}

/// Changes a profile.
///
/// # Errors
/// `not_found`, `outside_own_scope`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, code: &str, patch: Patch) -> Result<Village> {
    let caller = tx.caller()?;
    let before = read(&tx.connection, caller, code).await?;
    if !before.editable {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    tx.check_version(before.version)?;
    let input: VillageInput = patch.apply(&before.profile)?;
    tx.write::<Entity>(code, before.version, columns(input)).await?;
    let after = read(&tx.connection, caller, code).await?;
    let event = Event::of(OBJECT, code, "update");
    tx.record(event, &before.profile, &after.profile).await?;
    Ok(after)
}

/// Gives every village of an area that takes part an empty profile, where it has none.
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

/// The history of a village's profile.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, code: &str, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let village = read(db, caller, code).await?;
    audit::history(db, OBJECT, village.code, query).await
}

pub(super) fn columns(input: VillageInput) -> ActiveModel {
    ActiveModel {
        resources: Set(input.resources),
        industries: Set(Kept(input.industries)),
        old_base: Set(input.old_base),
        population: Set(input.population),
        low_income_households: Set(input.low_income_households),
        collective_income_fen: Set(input.collective_income_fen),
        contact_name: Set(input.contact_name),
        contact_phone: Set(input.contact_phone),
        ..Default::default()
    }
}

/// A village that a field names, in the caller's catalogue.
///
/// # Errors
/// A fault at `pointer` where there is none.
pub async fn named(db: &impl ConnectionTrait, caller: &Caller, code: &str, pointer: &str) -> Result<Village> {
    read(db, caller, code).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field(pointer, "unknown"),
        _ => error,
    })
}

/// Holds a village until the transaction ends: what is numbered within it gets its number alone.
pub async fn hold(tx: &Tx, code: &str) -> Result<()> {
    Entity::find_by_id(code).lock_exclusive().one(&tx.connection).await?;
    Ok(())
}

/// Holds several until the transaction ends, in the order of their codes, so that no two wait for each other.
pub async fn hold_all(tx: &Tx, codes: &[String]) -> Result<()> {
    for batch in codes.chunks(1_000) {
        let rows = Entity::find().filter(Column::Code.is_in(batch)).order_by_asc(Column::Code).lock_exclusive();
        rows.select_only().column(Column::Code).into_tuple::<String>().all(&tx.connection).await?;
    }
    Ok(())
}

/// Which of some villages are in the caller's catalogue.
pub async fn known(db: &impl ConnectionTrait, caller: &Caller, codes: HashSet<&str>) -> Result<HashSet<String>> {
    let codes: Vec<_> = codes.into_iter().collect();
    let mut known = HashSet::new();
    for batch in codes.chunks(1_000) {
        let select = scope::villages(caller).select_only().column(Column::Code).filter(Column::Code.is_in(batch.iter().copied()));
        known.extend(select.into_tuple::<String>().all(db).await?);
    }
    Ok(known)
}
