//! The enrolments that exist for a caller, and their list.

use contract::Permission;
use contract::enrolments::{Enrolment, EnrolmentQuery, EnrolmentSort, EnrolmentState};
use entities::enrolments::{Column, Entity, OBJECT, Relation, Row, has_entry, name};
use entities::scope;
use platform::area::within;
use platform::coded::{Code, is_one_of};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::organisations;

/// Enrolments of villages and organisations.
#[derive(Debug)]
pub struct Enrolments;

impl Object for Enrolments {
    type Entity = Entity;
    type Row = Row;
    type Shown = Enrolment;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::enrolments(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        [Relation::Area, Relation::Organisation, Relation::Campaign]
            .into_iter()
            .fold(select, |select, relation| select.join(JoinType::LeftJoin, relation.def()))
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Enrolment {
        let caller = asker.caller;
        let mine = caller.may(Permission::WriteEnrolments) && scope::owns(caller, &row.area_code, row.organisation_id);
        let allowed = if mine { EnrolmentState::STEPS.allowed(row.state.0, caller.role) } else { Vec::new() };
        let editable = mine && policy::editable(row.state.0, caller.role, row.due_on(), asker.today);
        row.into_enrolment(allowed, editable)
    }
}

impl Listed for Enrolments {
    type Query = EnrolmentQuery;

    async fn filtered(asker: &Asker<'_>, query: &EnrolmentQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .wanted(query.without_entry.map(|without| !without), has_entry)
            .wanted(query.waits_for_me, || is_one_of((Entity, Column::State), policy::waiting_for(asker.caller.role)))
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: EnrolmentSort) -> By<Row> {
        match sort {
            EnrolmentSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            EnrolmentSort::AreaCode => by(Column::AreaCode, |row| (&row.area_code).into()),
            EnrolmentSort::Name => By { column: name(), key: |row| (&row.name).into() },
        }
    }
}
