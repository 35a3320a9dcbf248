//! The records of help that exist for a caller, and their list.

use contract::adoptions::{HelpQuery, HelpRecord, HelpSort, HelpState};
use contract::{Permission, Role};
use entities::help_records::{Column, Entity, OBJECT, Row};
use entities::{adoptions, institutions, scope};
use platform::area::within;
use platform::coded::{Code, is_one_of};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

use crate::adoption_updates::list::writes;

/// Records of help.
#[derive(Debug)]
pub struct HelpRecords;

impl Object for HelpRecords {
    type Entity = Entity;
    type Row = Row;
    type Shown = HelpRecord;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::help_records(caller)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> HelpRecord {
        let (caller, state) = (asker.caller, row.state.0);
        let may = caller.may(Permission::WriteAdoptions);
        let allowed = if may { HelpState::STEPS.allowed(state, caller.role) } else { Vec::new() };
        row.into_record(writes(caller) && state == HelpState::Recorded, allowed)
    }
}

/// The states in which help waits for a role.
fn waiting_for(role: Role) -> &'static [HelpState] {
    if role == Role::Institution { &[HelpState::Recorded] } else { &[] }
}

impl Listed for HelpRecords {
    type Query = HelpQuery;

    async fn filtered(asker: &Asker<'_>, query: &HelpQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| adoptions::Column::CampaignId.eq(id))
            .given(query.adoption_id, |id| Column::AdoptionId.eq(id))
            .given(query.cadre_id, |id| adoptions::Column::CadreId.eq(id))
            .given(query.institution_id, |id| adoptions::Column::InstitutionId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.month, |month| Column::HappenedOn.between(month.first_day(), month.last_day()))
            .wanted(query.waits_for_me, || is_one_of((Entity, Column::State), waiting_for(asker.caller.role)))
            .given(query.within.as_ref(), |code| within((institutions::Entity, institutions::Column::AreaCode), code))
            .given(query.q.as_ref(), |q| adoptions::called(q)))
    }

    fn order(sort: HelpSort) -> By<Row> {
        match sort {
            HelpSort::HappenedOn => by(Column::HappenedOn, |row| row.happened_on.into()),
            HelpSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}
