//! The outcomes that exist for a caller, and their list.

use contract::Permission;
use contract::outcomes::{Outcome, OutcomeQuery, OutcomeSort, OutcomeState};
use contract::tallies::TallyFigure;
use entities::outcomes::{Column, Entity, OBJECT, Row};
use entities::pairings as pairing;
use entities::{names, scope};
use platform::coded::{Code, is_one_of};
use platform::list::{By, Total, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::{Caller, Result, area};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

use super::policy;
use crate::pairings;
use crate::tallies::service::total_in_state;

/// Outcomes.
#[derive(Debug)]
pub struct Outcomes;

const TEXTS: Searched = Searched { table: "outcomes", key: "id", texts: &["description"] };

impl Object for Outcomes {
    type Entity = Entity;
    type Row = Row;
    type Shown = Outcome;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::outcomes(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Outcome {
        let (state, may) = (row.state.0, asker.caller.may(Permission::WriteProgress));
        let allowed = if may { OutcomeState::STEPS.allowed(state, asker.caller.role) } else { Vec::new() };
        row.into_outcome(may && state == OutcomeState::Recorded, allowed)
    }
}

impl Listed for Outcomes {
    type Query = OutcomeQuery;

    async fn filtered(asker: &Asker<'_>, query: &OutcomeQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| pairing::Column::CampaignId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.progress_update_id, |id| Column::ProgressUpdateId.eq(id))
            .given(query.project_id, |id| Column::ProjectId.eq(id))
            .given(query.indicator, |indicator| Column::Indicator.eq(Code(indicator)))
            .given(query.month, |month| Column::HappenedOn.between(month.first_day(), month.last_day()))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.waits_for_me, || is_one_of((Entity, Column::State), policy::waiting_for(asker.caller.role)))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            let texts = TEXTS.contain(&asker.db, (Entity, Column::Id), q).await?;
            select = select.filter(pairings::list::called(asker, q).await?.add(texts));
        }
        Ok(select)
    }

    fn kept(asker: &Asker<'_>, query: &OutcomeQuery) -> Option<Total> {
        let OutcomeQuery {
            campaign_id,
            state,
            within,
            pairing_id: None,
            progress_update_id: None,
            project_id: None,
            indicator: None,
            month: None,
            waits_for_me: None,
            q: None,
            sort: _,
            cursor: _,
            limit: _,
            total: _,
        } = query
        else {
            return None;
        };
        total_in_state(asker.caller, &[TallyFigure::OutcomeStates], *campaign_id, within.as_deref(), *state)
    }

    fn order(sort: OutcomeSort) -> By<Row> {
        match sort {
            OutcomeSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            OutcomeSort::HappenedOn => by(Column::HappenedOn, |row| row.happened_on.into()),
            OutcomeSort::Quantity => by(Column::Quantity, |row| row.quantity.into()),
        }
    }
}
