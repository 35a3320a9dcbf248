//! The pairings that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::pairings::{Pairing, PairingKind, PairingQuery, PairingSort, PairingState};
use contract::tallies::TallyFigure;
use contract::{Month, Page, Permission, Role};
use entities::organisations::Column as OrganisationColumn;
use entities::pairings::{Column, Entity, OBJECT, Row, with_village};
use entities::{names, scope};
use platform::coded::{Code, is_one_of};
use platform::list::{By, Total, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, audit};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, Select};

use super::policy::{self, Facts, Side};
use crate::areas;
use crate::audit::families;
use crate::campaigns;
use crate::households;
use crate::organisations;
use crate::tallies::service::total_in_state;

/// Pairings.
#[derive(Debug)]
pub struct Pairings;

impl Object for Pairings {
    type Entity = Entity;
    type Row = Row;
    type Shown = Pairing;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::pairings(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::pairings(select)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Pairing {
        let caller = asker.caller;
        let may = caller.may(Permission::WritePairings);
        let allowed = if may { policy::allowed(facts(&row, asker.today), caller.role) } else { Vec::new() };
        let knows = knows_family(caller, &row);
        let pairing = row.into_pairing(allowed);
        if knows { pairing } else { Pairing { household: None, note: None, ..pairing } }
    }

    /// The history of a pairing, without what it says about a family that the caller may not know.
    async fn history(asker: &Asker<'_>, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
        let row = Self::row(asker, id).await?;
        let mut page = audit::history(&asker.db, OBJECT, id.to_string(), query).await?;
        if !knows_family(asker.caller, &row) {
            page.items.iter_mut().for_each(families::hide_pairing);
        }
        Ok(page)
    }
}

impl Listed for Pairings {
    type Query = PairingQuery;

    async fn filtered(asker: &Asker<'_>, query: &PairingQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.household_id, |id| Column::HouseholdId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.waits_for_me, || waits_for(asker.caller.role, asker.today))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .given(query.active_in, active_in)
            .given(query.without_agreement, |_| with_village())
            .wanted(query.without_agreement, entities::agreements::missing)
            .given(query.without_project_since, |_| with_village())
            .given(query.without_project_since, entities::projects::without_project_since)
            .given(query.projects_over, |number| entities::projects::live_count().gt(number))
            .given(query.without_update_in, |_| with_village())
            .given(query.without_update_in, active_in)
            .given(query.without_update_in, entities::progress::missing)
            .given(query.within.as_ref(), |code| entities::pairings::lies_in(code));
        if let Some(q) = &query.q {
            select = select.filter(called(asker, q).await?);
        }
        Ok(select)
    }

    fn kept(asker: &Asker<'_>, query: &PairingQuery) -> Option<Total> {
        let PairingQuery {
            campaign_id,
            kind,
            state,
            within,
            waits_for_me: None,
            organisation_id: None,
            household_id: None,
            active_in: None,
            without_agreement: None,
            without_project_since: None,
            projects_over: None,
            without_update_in: None,
            q: None,
            sort: _,
            cursor: _,
            limit: _,
            total: _,
        } = query
        else {
            return None;
        };
        let figures: &[_] = match (kind, asker.caller.may(Permission::ReadAssistance)) {
            (None, true) => &[TallyFigure::Pairings, TallyFigure::HouseholdPairings],
            (Some(PairingKind::Household), true) => &[TallyFigure::HouseholdPairings],
            (None | Some(PairingKind::Village), _) => &[TallyFigure::Pairings],
            // The rows of those who see none are counted in no time.
            (Some(PairingKind::Household), false) => return None,
        };
        total_in_state(asker.caller, figures, *campaign_id, within.as_deref(), *state)
    }

    fn order(sort: PairingSort) -> By<Row> {
        match sort {
            PairingSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            PairingSort::OrganisationName => by(OrganisationColumn::NameKey, |row| (&row.organisation_key).into()),
            PairingSort::VillageCode => by(Column::VillageCode, |row| (&row.village_code).into()),
        }
    }
}

/// The condition that the typed text occurs in the name of the organisation or village of a pairing in the statement. Callers
/// may add alternatives.
pub async fn called(asker: &Asker<'_>, typed: &str) -> Result<Condition> {
    Ok(Condition::any()
        .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), typed).await?)
        .add(areas::service::called(&asker.db, (Entity, Column::VillageCode), typed).await?))
}

/// The facts of a row for a decision.
pub(super) fn facts(row: &Row, today: NaiveDate) -> Facts {
    Facts {
        kind: row.kind.0,
        state: row.state.0,
        proposed_by: row.proposed_by.0,
        organisation_accepted: row.organisation_accepted_at.is_some(),
        village_accepted: row.village_accepted_at.is_some(),
        phase: campaigns::policy::phase_on(&row.phases.0, today),
        overdue: today > row.answer_due_on,
    }
}

/// Whether a caller may know which family a pairing is with, and its notes. Outsiders who may not still see that there was one,
/// and how it ended.
pub(super) fn knows_family(caller: &Caller, row: &Row) -> bool {
    row.household_id.is_none() || knows(caller, row.household_consented)
}

/// [`knows_family`] of a pairing with a family that consents or does not.
pub fn knows(caller: &Caller, consented: bool) -> bool {
    consented || households::consent::keeps_files(caller)
}

/// The condition that a pairing is active on a day of a month.
fn active_in(month: Month) -> Condition {
    entities::pairings::active_between(month.first_day(), month.last_day())
}

/// The condition that a pairing waits for a role: the side that has not answered, or the bureau once both have.
fn waits_for(role: Role, today: NaiveDate) -> Condition {
    let state = |state| is_one_of((Entity, Column::State), &[state]);
    let proposed = Condition::all().add(state(PairingState::Proposed)).add(Column::AnswerDueOn.gte(today));
    match (role, policy::side(role)) {
        (Role::Bureau, _) => Condition::all().add(state(PairingState::Accepted)),
        (_, Some(Side::Organisation)) => proposed.add(Column::OrganisationAcceptedAt.is_null()),
        (_, Some(Side::Village)) => proposed.add(Column::VillageAcceptedAt.is_null()),
        _ => Condition::all().add(Expr::val(false)),
    }
}
