//! The cases and good practices that exist for a caller, and their list.

use contract::cases::{Case, CaseQuery, CaseSort, CaseState};
use contract::{Permission, Role};
use entities::cases::{Column, Entity, Model, OBJECT, Relation, Row, taken_up};
use entities::scope;
use platform::area::within;
use platform::coded::{Code, is_one_of};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::organisations;

/// Cases and good practices.
#[derive(Debug)]
pub struct Cases;

const TITLES: Searched = Searched { table: "cases", key: "id", texts: &["name_words"] };

impl Object for Cases {
    type Entity = Entity;
    type Row = Row;
    type Shown = Case;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::cases(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        [Relation::Campaign, Relation::Area, Relation::Organisation, Relation::Project]
            .into_iter()
            .fold(select, |select, relation| select.join(JoinType::LeftJoin, relation.def()))
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Case {
        let (state, role, keeps) = (row.state.0, asker.caller.role, keeps(asker.caller, &row));
        let allowed = if keeps { CaseState::STEPS.allowed(state, role) } else { Vec::new() };
        row.into_case(allowed, keeps && policy::editable(state, role))
    }
}

/// Whether a caller writes cases of this organisation or area.
pub(super) fn keeps(caller: &Caller, row: &Model) -> bool {
    caller.may(Permission::WriteCases) && scope::owns(caller, &row.area_code, row.organisation_id)
}

impl Listed for Cases {
    type Query = CaseQuery;

    async fn filtered(asker: &Asker<'_>, query: &CaseQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.goal, |goal| Column::Goal.eq(Code(goal)))
            .given(query.industry, |industry| Column::Industry.eq(Code(industry)))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .wanted(query.taken_up, taken_up)
            .wanted(query.waits_for_me, || waits_for(asker.caller.role))
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(TITLES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?)
                    .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::AreaCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: CaseSort) -> By<Row> {
        match sort {
            CaseSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            CaseSort::Title => by(Column::NameKey, |row| (&row.name_key).into()),
        }
    }
}

/// The condition that a case waits for a role: whoever nominated it mends what was returned, the bureau selects and publishes.
fn waits_for(role: Role) -> Condition {
    let state = |states: &[CaseState]| is_one_of((Entity, Column::State), states);
    let mine = Condition::all().add(state(&[CaseState::Returned])).add(Column::NominatedBy.eq(Code(role)));
    let to_decide: &[CaseState] = if role == Role::Bureau { &[CaseState::Nominated, CaseState::Selected] } else { &[] };
    Condition::any().add(mine).add(state(to_decide))
}
