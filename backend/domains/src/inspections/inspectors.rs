//! Who inspects.

use std::collections::HashMap;

use contract::inspections::{Inspector, InspectorQuery, InspectorSort};
use contract::{FieldError, Page};
use entities::inspections::inspector::{ActiveModel, Column, Entity};
use entities::{areas, scope, users};
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::Given;
use platform::spelling::sought;
use platform::{Asker, Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DerivePartialModel, JoinType, QuerySelect, RelationTrait};

/// An account that can inspect.
#[derive(Debug, DerivePartialModel)]
#[sea_orm(entity = "users::Entity")]
struct Row {
    id: Uuid,
    display_name: String,
    name_key: String,
    role: Code<contract::Role>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    area_name: String,
}

/// Lists those who can inspect.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(asker: &Asker<'_>, query: &InspectorQuery) -> Result<Page<Inspector>> {
    let called = |q: &String| list::contains((users::Entity, users::Column::NameWords), &sought(q));
    let order = |sort| -> By<Row> {
        match sort {
            InspectorSort::DisplayName => by(users::Column::NameKey, |row: &Row| (&row.name_key).into()),
        }
    };
    let all = scope::inspectors(asker.caller).join(JoinType::LeftJoin, users::Relation::Area.def());
    let page = list::page(&asker.db, all.given(query.q.as_ref(), called), query, order).await?;
    let shown = |row: Row| Inspector { id: row.id, display_name: row.display_name, role: row.role.0, area_name: row.area_name };
    Ok(list::map(page, shown))
}

/// The names of those who are to inspect, in their order. Those that are `known` were named before, and may have left since.
///
/// # Errors
/// A fault at the place of each that the caller cannot name.
pub async fn names(tx: &Tx, ids: &[Uuid], known: &[Uuid]) -> Result<Vec<String>> {
    let can = scope::inspectors(tx.caller()?).filter(users::Column::Id.is_in(ids.iter().copied()));
    let was = users::Entity::find().filter(users::Column::Id.is_in(ids.iter().filter(|id| known.contains(id)).copied()));
    let mut names: HashMap<Uuid, String> = HashMap::new();
    if !ids.is_empty() {
        for accounts in [was, can] {
            let found = accounts.all(&tx.connection).await?;
            names.extend(found.into_iter().map(|account| (account.id, account.display_name)));
        }
    }
    let unknown = (0..).zip(ids).filter(|(_, id)| !names.contains_key(id));
    let faults: Vec<_> = unknown.map(|(index, _): (u32, _)| FieldError::at(format!("/inspectors/{index}"), "unknown")).collect();
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    Ok(ids.iter().filter_map(|id| names.remove(id)).collect())
}

/// Lets these accounts find the inspection among what waits for them, and no others.
pub async fn assign(tx: &Tx, inspection_id: Uuid, ids: &[Uuid]) -> Result<()> {
    Entity::delete_many().filter(Column::InspectionId.eq(inspection_id)).exec(&tx.connection).await?;
    let rows = ids.iter().map(|id| ActiveModel { inspection_id: Set(inspection_id), user_id: Set(*id) });
    if !ids.is_empty() {
        Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}
