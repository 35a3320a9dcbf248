//! The rounds that exist for a caller, and their list.

use contract::Permission;
use contract::inspections::{InspectionRound, RoundQuery, RoundSort, RoundState};
use entities::inspection_rounds::{Column, Entity, OBJECT, Relation, Row};
use entities::scope;
use platform::area::within;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use super::policy;

/// Rounds of inspections.
#[derive(Debug)]
pub struct Rounds;

impl Object for Rounds {
    type Entity = Entity;
    type Row = Row;
    type Shown = InspectionRound;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::rounds(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select
            .join(JoinType::LeftJoin, Relation::Campaign.def())
            .join(JoinType::LeftJoin, Relation::Checklist.def())
            .join(JoinType::LeftJoin, Relation::Area.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> InspectionRound {
        let may = asker.caller.may(Permission::WriteInspections) && scope::covers(asker.caller, &row.area_code);
        let state = row.state.0;
        row.into_round(may && state == RoundState::Draft, policy::allowed(state, asker.caller.role, may))
    }
}

impl Listed for Rounds {
    type Query = RoundQuery;

    async fn filtered(asker: &Asker<'_>, query: &RoundQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.checklist_id, |id| Column::ChecklistId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code))
            .given(query.q.as_ref(), |q| list::contains((Entity, Column::NameWords), &sought(q))))
    }

    fn order(sort: RoundSort) -> By<Row> {
        match sort {
            RoundSort::StartsOn => by(Column::StartsOn, |row| row.starts_on.into()),
            RoundSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}
