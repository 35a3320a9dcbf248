//! Lists and finds areas.

use std::collections::{HashMap, HashSet};

use contract::areas::{Area, AreaLevel, AreaQuery, AreaSort};
use contract::{ErrorCode, Page};
use entities::areas::{Column, Entity, Model};
use platform::area::within;
use platform::coded::Code;
use platform::list::{self, by};
use platform::object::Given;
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoColumnRef, LockType, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, QuerySelect, QueryTrait};

const VILLAGE: Code<AreaLevel> = Code(AreaLevel::Village);

/// Lists areas.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(db: &impl ConnectionTrait, query: &AreaQuery) -> Result<Page<Area>> {
    let mut select = Entity::find()
        .given(query.level, |level| Column::Level.eq(Code(level)))
        .given(query.above_villages, |above| if above { Column::Level.ne(VILLAGE) } else { Column::Level.eq(VILLAGE) })
        .given(query.parent_code.as_ref(), |parent| Column::ParentCode.eq(parent))
        .given(query.within.as_ref(), |code| within((Entity, Column::Code), code))
        .given(query.ended, has_ended);
    if let Some(q) = &query.q {
        select = select.filter(called(db, (Entity, Column::Code), q).await?);
    }
    let order = |sort| match sort {
        AreaSort::Code => by(Column::Code, |row: &Model| (&row.code).into()),
        AreaSort::Name => by(Column::NameKey, |row: &Model| (&row.name_key).into()),
    };
    Ok(list::map(list::page(db, select, query, order).await?, Area::from))
}

/// One area.
///
/// # Errors
/// `not_found`.
pub async fn read(db: &impl ConnectionTrait, code: &str) -> Result<Area> {
    Ok(Entity::find_by_id(code).one(db).await?.ok_or(ErrorCode::NotFound)?.into())
}

/// The condition that the typed text occurs in the name of the area whose code is in `column`, in characters or pinyin. The
/// statement must have joined the area under its own name.
pub async fn called(db: &impl ConnectionTrait, column: impl IntoColumnRef, typed: &str) -> Result<SimpleExpr> {
    Searched { table: "areas", key: "code", texts: &["name_words"] }.contain(db, column, &sought(typed)).await
}

/// The area in a field of an input. Its row is locked: no other area replaces it before the transaction ends.
///
/// # Errors
/// A fault at `pointer` if there is no such area, its level is not `level`, it takes no part, or has ended.
pub async fn named(tx: &Tx, code: &str, level: Option<AreaLevel>, pointer: &str) -> Result<Area> {
    let area = Entity::find_by_id(code).lock(LockType::Share).one(&tx.connection).await?;
    let area = area.ok_or_else(|| Error::field(pointer, "unknown"))?;
    if level.is_some_and(|level| level != area.level.0) || !area.takes_part {
        return Err(Error::field(pointer, "unknown"));
    }
    if area.ended_on.is_some() { Err(Error::field(pointer, "village_ended")) } else { Ok(area.into()) }
}

/// Holds an area: no other one replaces it before the transaction ends.
pub async fn hold(tx: &Tx, code: &str) -> Result<()> {
    Entity::find_by_id(code).lock(LockType::Share).one(&tx.connection).await?;
    Ok(())
}

/// The condition that an area, which the select has, has ended, or has not.
pub fn has_ended(ended: bool) -> SimpleExpr {
    let day = Expr::col((Entity, Column::EndedOn));
    if ended { day.is_not_null() } else { day.is_null() }
}

/// The codes of the areas that have ended, or of those that have not.
pub fn codes_of(ended: bool) -> SelectStatement {
    Entity::find().select_only().column(Column::Code).filter(has_ended(ended)).into_query()
}

/// Which of some villages others have replaced.
pub async fn ended(db: &impl ConnectionTrait, codes: impl IntoIterator<Item = &str>) -> Result<HashSet<String>> {
    let select = Entity::find().select_only().column(Column::Code).filter(has_ended(true));
    Ok(select.filter(Column::Code.is_in(codes)).into_tuple::<String>().all(db).await?.into_iter().collect())
}

/// The names of these areas, by code.
pub async fn names(db: &impl ConnectionTrait, codes: HashSet<&str>) -> Result<HashMap<String, String>> {
    let select = Entity::find().select_only().column(Column::Code).column(Column::Name).filter(Column::Code.is_in(codes));
    Ok(select.into_tuple::<(String, String)>().all(db).await?.into_iter().collect())
}

/// The names of an area and of all areas in it, by code.
pub async fn below(db: &impl ConnectionTrait, code: &str) -> Result<HashMap<String, String>> {
    let select = Entity::find().select_only().column(Column::Code).column(Column::Name);
    let select = select.filter(within((Entity, Column::Code), code));
    Ok(select.into_tuple::<(String, String)>().all(db).await?.into_iter().collect())
}

/// Which of these areas exist, take part and have not ended, with their names.
pub async fn known(db: &impl ConnectionTrait, codes: HashSet<&str>) -> Result<HashMap<String, String>> {
    let select = Entity::find().select_only().columns([Column::Code, Column::Name]);
    let select = select.filter(Column::TakesPart.eq(true)).filter(has_ended(false)).filter(Column::Code.is_in(codes));
    Ok(select.into_tuple::<(String, String)>().all(db).await?.into_iter().collect())
}
