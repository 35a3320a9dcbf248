//! The joins that add display names to a row.
//!
//! Foreign keys guarantee that the joined rows exist. The joins are outer joins nevertheless, so that the database can drop those
//! whose columns are not read.

use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use crate::*;

/// Adds campaign, organisation, village and town to a select over pairings, and the household if there is one.
pub fn pairings(select: Select<pairings::Entity>) -> Select<pairings::Entity> {
    on_pairing(select).join(JoinType::LeftJoin, pairings::Relation::Household.def())
}

/// Adds campaign, organisation, village and town to a select that already joins the pairing.
pub fn on_pairing<E: EntityTrait>(select: Select<E>) -> Select<E> {
    let select = select
        .join(JoinType::LeftJoin, pairings::Relation::Campaign.def())
        .join(JoinType::LeftJoin, pairings::Relation::Organisation.def());
    village_and_town(select, JoinType::LeftJoin, pairings::Relation::Village)
}

/// Adds village and town to a select that already has the household.
pub fn on_household<E: EntityTrait>(select: Select<E>) -> Select<E> {
    village_and_town(select, JoinType::LeftJoin, households::Relation::Village)
}

/// Joins the area of a village under the table's own name, and the area of its town as `town`.
pub fn village_and_town<E: EntityTrait>(select: Select<E>, how: JoinType, village: impl RelationTrait) -> Select<E> {
    let town = areas::Entity::belongs_to(areas::Entity).from(areas::Column::ParentCode).to(areas::Column::Code);
    select.join(how, village.def()).join_as(how, RelationDef::from(town), "town")
}
