//! The joins that give a row the names it is shown with.
//!
//! What they lead to exists, as foreign keys hold it. They are outer joins, so that the databases leave out those of which
//! nothing is read.

use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use crate::*;

/// Pairings: with campaign, parties and town, and the household where there is one.
pub fn pairings(select: Select<pairings::Entity>) -> Select<pairings::Entity> {
    on_pairing(select).join(JoinType::LeftJoin, pairings::Relation::Household.def())
}

/// What hangs on a pairing, which the select has: with campaign, parties and town.
pub fn on_pairing<E: EntityTrait>(select: Select<E>) -> Select<E> {
    let select = select
        .join(JoinType::LeftJoin, pairings::Relation::Campaign.def())
        .join(JoinType::LeftJoin, pairings::Relation::Organisation.def());
    village_and_town(select, JoinType::LeftJoin, pairings::Relation::Village)
}

/// Households and what belongs to one, which the select has: with village and town.
pub fn on_household<E: EntityTrait>(select: Select<E>) -> Select<E> {
    village_and_town(select, JoinType::LeftJoin, households::Relation::Village)
}

/// Joins the area of a village under its own name, and that of its town as `town`.
pub fn village_and_town<E: EntityTrait>(select: Select<E>, how: JoinType, village: impl RelationTrait) -> Select<E> {
    let town = areas::Entity::belongs_to(areas::Entity).from(areas::Column::ParentCode).to(areas::Column::Code);
    select.join(how, village.def()).join_as(how, RelationDef::from(town), "town")
}
