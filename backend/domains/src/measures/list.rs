//! The measures that exist for a caller, and their list.

use contract::plans::{Measure, MeasureQuery, MeasureSort, MeasureState, PlanState};
use contract::{Month, Permission};
use entities::households::Column as HouseholdColumn;
use entities::measures::{Column, Entity, OBJECT, Relation, Row};
use entities::pairings::Column as PairingColumn;
use entities::plans::Column as PlanColumn;
use entities::scope;
use platform::coded::{Code, Written, codes};
use platform::list::{By, Key, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;

/// Measures of plans.
#[derive(Debug)]
pub struct Measures;

impl Object for Measures {
    type Entity = Entity;
    type Row = Row;
    type Shown = Measure;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::measures(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select
            .join(JoinType::LeftJoin, entities::households::Relation::Village.def())
            .join(JoinType::LeftJoin, entities::pairings::Relation::Organisation.def())
            .join(JoinType::LeftJoin, Relation::Member.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Measure {
        let may = asker.caller.may(Permission::WritePlans);
        let (plan, state) = (row.plan_state.0, row.state());
        let allowed = if may { policy::allowed(plan, state, asker.caller.role) } else { Vec::new() };
        let editable = may && row.consented && plan == PlanState::Draft && state == MeasureState::Planned;
        row.into_measure(asker.vault, editable, allowed)
    }
}

impl Listed for Measures {
    type Query = MeasureQuery;

    async fn filtered(asker: &Asker<'_>, query: &MeasureQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.plan_id, |id| Column::PlanId.eq(id))
            .given(query.campaign_id, |id| PlanColumn::CampaignId.eq(id))
            .given(query.household_id, |id| PlanColumn::HouseholdId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.responsible, |side| Column::Responsible.eq(Code(side)))
            .given(query.state, in_state)
            .wanted(query.waits_for_me, || waits_for(asker))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            select = select.filter(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?);
        }
        Ok(select)
    }

    fn order(sort: MeasureSort) -> By<Row> {
        match sort {
            MeasureSort::Month => by(Column::Month, |row| Key::Text(row.month.0.to_string())),
            MeasureSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

fn in_state(state: MeasureState) -> Condition {
    let records = || entities::assistance::of_measure((OBJECT, "id")).0;
    let dropped = |dropped: bool| Condition::all().add(Column::Dropped.eq(dropped));
    match state {
        MeasureState::Dropped => dropped(true),
        MeasureState::Planned => dropped(false).add(records().eq(0)),
        MeasureState::Fulfilled => dropped(false).add(records().gt(0)),
    }
}

/// The condition that a measure waits for its caller: they answer for it, its month has come, the family has agreed and still
/// consents, and nothing fulfils it yet.
fn waits_for(asker: &Asker<'_>) -> Condition {
    let sides = codes(policy::sides(asker.caller.role));
    let mut waits = in_state(MeasureState::Planned)
        .add(Column::Responsible.is_in(sides))
        .add(Column::Month.lte(Written(Month::of(asker.today))))
        .add(PlanColumn::State.eq(Code(PlanState::Agreed)))
        .add(HouseholdColumn::Consented.eq(true));
    if let Some(id) = scope::organisation(asker.caller) {
        // A measure of another organisation does not wait for this one.
        let own = Condition::any().add(Column::PairingId.is_null()).add(PairingColumn::OrganisationId.eq(id));
        waits = waits.add(own);
    }
    waits
}
