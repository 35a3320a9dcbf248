//! The plans that exist for a caller, and their list.

use contract::Permission;
use contract::plans::{Plan, PlanAction, PlanQuery, PlanSort, PlanState};
use entities::plans::{Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use crate::areas;

/// Plans of households.
#[derive(Debug)]
pub struct Plans;

impl Object for Plans {
    type Entity = Entity;
    type Row = Row;
    type Shown = Plan;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::plans(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_household(select).join(JoinType::LeftJoin, Relation::Campaign.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Plan {
        let may = asker.caller.may(Permission::WritePlans);
        let state = row.state.0;
        let mut allowed = if may { PlanState::STEPS.allowed(state, asker.caller.role) } else { Vec::new() };
        // A plan for a family that does not consent can only be closed.
        allowed.retain(|action| row.consented || *action == PlanAction::Close);
        let editable = may && row.consented && PlanState::LIVE.contains(&state);
        row.into_plan(asker.vault, editable, allowed)
    }
}

impl Listed for Plans {
    type Query = PlanQuery;

    async fn filtered(asker: &Asker<'_>, query: &PlanQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.household_id, |id| Column::HouseholdId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            select = select.filter(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?);
        }
        Ok(select)
    }

    fn order(PlanSort::UpdatedAt: PlanSort) -> By<Row> {
        by(Column::UpdatedAt, |row| row.updated_at.into())
    }
}
