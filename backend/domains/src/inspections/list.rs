//! The inspections that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::Permission;
use contract::inspections::{Inspection, InspectionQuery, InspectionSort, InspectionState};
use entities::inspection_rounds as rounds;
use entities::inspections::{Column, Entity, OBJECT, Row, is_open_to};
use entities::{names, scope};
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, Select};

use super::policy::{self, Facts};
use crate::pairings;

/// Inspections.
#[derive(Debug)]
pub struct Inspections;

impl Object for Inspections {
    type Entity = Entity;
    type Row = Row;
    type Shown = Inspection;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::inspections(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Inspection {
        let (facts, role) = (facts(asker.caller, &row), asker.caller.role);
        row.into_inspection(policy::editable(facts, role), policy::allowed(facts, role), asker.today)
    }
}

impl Listed for Inspections {
    type Query = InspectionQuery;

    async fn filtered(asker: &Asker<'_>, query: &InspectionQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| rounds::Column::CampaignId.eq(id))
            .given(query.round_id, |id| Column::RoundId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.kind, |kind| rounds::Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.conclusion, |conclusion| Column::Conclusion.eq(Code(conclusion)))
            .wanted(query.overdue, || overdue(asker.today))
            .wanted(query.waits_for_me, || waits_for(asker.caller))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            select = select.filter(pairings::list::called(asker, q).await?);
        }
        Ok(select)
    }

    fn order(sort: InspectionSort) -> By<Row> {
        match sort {
            InspectionSort::PlannedOn => by(Column::PlannedOn, |row| row.planned_on.into()),
            InspectionSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// The facts of a row for a decision.
pub(crate) fn facts(caller: &Caller, row: &Row) -> Facts {
    let covers = caller.may(Permission::WriteInspections) && scope::covers(caller, &row.village_code);
    Facts { state: row.state.0, round: row.round_state.0, covers }
}

fn planned() -> Condition {
    Condition::all().add(Expr::col((Entity, Column::State)).eq(Code(InspectionState::Planned)))
}

/// The condition that an inspection is planned and its day is over.
fn overdue(today: NaiveDate) -> Condition {
    planned().add(Column::PlannedOn.lt(today))
}

/// The condition that an inspection is to be held by a caller: one who is named, or anybody of the office that holds the round,
/// where nobody is.
fn waits_for(caller: &Caller) -> Condition {
    if !caller.may(Permission::WriteInspections) {
        return Condition::all().add(Expr::val(false));
    }
    let (nobody, own) = is_open_to(caller.user_id);
    let of_office = Expr::col((rounds::Entity, rounds::Column::AreaCode)).eq(&caller.area_code);
    planned().add(Condition::any().add(own).add(nobody.and(of_office)))
}
