//! The villages that exist for a caller, and their list.

use contract::villages::{Village, VillageQuery, VillageSort};
use contract::{CodedEnum, Permission};
use entities::villages::{Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::area::within;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{JoinType, Select};

use crate::areas;

/// Villages and communities with their profiles, identified by code.
#[derive(Debug)]
pub struct Villages;

impl Object for Villages {
    type Entity = Entity;
    type Row = Row;
    type Shown = Village;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::villages(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::village_and_town(select, JoinType::InnerJoin, Relation::Area)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Village {
        let live = row.ended_on.is_none();
        let editable = live && editable(asker.caller, &row.code);
        let replaceable = live && asker.caller.may(Permission::WriteAreas) && scope::covers(asker.caller, &row.code);
        row.into_village(editable, replaceable)
    }
}

impl Listed for Villages {
    type Query = VillageQuery;

    async fn filtered(asker: &Asker<'_>, query: &VillageQuery) -> Result<Select<Entity>> {
        // None of the codes in the JSON array is part of another, so its text contains the code on both databases.
        let industries = || Expr::col((Entity, Column::Industries)).cast_as("text");
        let mut select = Self::scope(asker.caller)
            .given(query.within.as_ref(), |code| within((Entity, Column::Code), code))
            .given(query.ended, |ended| Column::Code.in_subquery(areas::service::codes_of(ended)))
            .given(query.old_base, |old_base| Column::OldBase.eq(old_base))
            .given(query.industry, |industry| industries().like(format!("%\"{}\"%", industry.code())));
        if let Some(q) = &query.q {
            select = select.filter(areas::service::called(&asker.db, (Entity, Column::Code), q).await?);
        }
        Ok(select)
    }

    fn order(sort: VillageSort) -> By<Row> {
        match sort {
            VillageSort::Code => by(Column::Code, |row| (&row.code).into()),
            VillageSort::Name => by(entities::areas::Column::NameKey, |row| (&row.name_key).into()),
            VillageSort::LowIncomeHouseholds => by(Column::LowIncomeHouseholds, |row| row.low_income_households.into()),
            VillageSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// Whether a caller may change the profile of a village.
pub(super) fn editable(caller: &Caller, code: &str) -> bool {
    caller.may(Permission::WriteVillages) && scope::covers(caller, code)
}
