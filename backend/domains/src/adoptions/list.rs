//! The adoptions that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::adoptions::{Adoption, AdoptionQuery, AdoptionSort, AdoptionState};
use contract::{Month, Permission, Role};
use entities::adoptions::{Column, Entity, OBJECT, Relation, Row, called};
use entities::{adoption_updates, institutions, scope, users};
use platform::area::within;
use platform::coded::{Code, is_one_of};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy::{self, Facts, Side};
use crate::campaigns;

/// Adoptions.
#[derive(Debug)]
pub struct Adoptions;

impl Object for Adoptions {
    type Entity = Entity;
    type Row = Row;
    type Shown = Adoption;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::adoptions(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select.join(JoinType::LeftJoin, Relation::Campaign.def()).join(JoinType::LeftJoin, institutions::Relation::Area.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Adoption {
        let may = asker.caller.may(Permission::WriteAdoptions);
        let allowed = if may { policy::allowed(facts(&row, asker.today), asker.caller.role) } else { Vec::new() };
        row.into_adoption(allowed)
    }
}

impl Listed for Adoptions {
    type Query = AdoptionQuery;

    async fn filtered(asker: &Asker<'_>, query: &AdoptionQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.cadre_id, |id| Column::CadreId.eq(id))
            .given(query.institution_id, |id| Column::InstitutionId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.waits_for_me, || waits_for(asker.caller.role, asker.today))
            .given(query.active_in, active_in)
            .given(query.without_update_in, active_in)
            .given(query.without_update_in, adoption_updates::missing)
            .given(query.within.as_ref(), |code| within((institutions::Entity, institutions::Column::AreaCode), code))
            .given(query.q.as_ref(), |q| called(q)))
    }

    fn order(sort: AdoptionSort) -> By<Row> {
        match sort {
            AdoptionSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            AdoptionSort::InstitutionName => by(institutions::Column::NameKey, |row| (&row.institution_key).into()),
            AdoptionSort::CadreName => by(users::Column::NameKey, |row| (&row.cadre_key).into()),
        }
    }
}

/// The facts of a row for a decision.
pub(super) fn facts(row: &Row, today: NaiveDate) -> Facts {
    Facts {
        state: row.state.0,
        proposed_by: row.proposed_by.0,
        cadre_accepted: row.cadre_accepted_at.is_some(),
        institution_accepted: row.institution_accepted_at.is_some(),
        phase: campaigns::policy::phase_on(&row.phases.0, today),
        overdue: today > row.answer_due_on,
    }
}

/// The condition that an adoption was active on a day of a month.
fn active_in(month: Month) -> Condition {
    entities::adoptions::active_between(month.first_day(), month.last_day())
}

/// The condition that an adoption waits for a role: the side that has not answered, or the bureau once both have.
fn waits_for(role: Role, today: NaiveDate) -> Condition {
    let state = |state| is_one_of((Entity, Column::State), &[state]);
    let proposed = Condition::all().add(state(AdoptionState::Proposed)).add(Column::AnswerDueOn.gte(today));
    match (role, policy::side(role)) {
        (Role::Bureau, _) => Condition::all().add(state(AdoptionState::Accepted)),
        (_, Some(Side::Cadre)) => proposed.add(Column::CadreAcceptedAt.is_null()),
        (_, Some(Side::Institution)) => proposed.add(Column::InstitutionAcceptedAt.is_null()),
        _ => Condition::all().add(Expr::val(false)),
    }
}
