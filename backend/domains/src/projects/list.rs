//! The projects that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::catalogue::CommittedEntry;
use contract::pairings::PairingState;
use contract::projects::{Project, ProjectAction, ProjectQuery, ProjectSort, ProjectState, ProjectSummary};
use contract::tallies::TallyFigure;
use contract::{Permission, Role};
use entities::commitments::Holder;
use entities::pairings::Column as PairingColumn;
use entities::projects::{Column, Entity, OBJECT, Row, Whole};
use entities::{commitments, names, scope};
use platform::coded::{Code, codes, is_one_of};
use platform::list::{By, Total, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{Condition, Select};

use super::policy::{self, Facts};
use crate::pairings;
use crate::pairings::policy::{Side, side};
use crate::tallies::service::total_in_state;

/// Projects. A list leaves out their texts.
#[derive(Debug)]
pub struct Projects;

const TITLES: Searched = Searched { table: "projects", key: "id", texts: &["name_words"] };

impl Object for Projects {
    type Entity = Entity;
    type Row = Whole;
    type Shown = Project;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::projects(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, whole: Whole) -> Project {
        with(asker, whole, Vec::new())
    }

    /// With the entries of the catalogue of which it takes something.
    async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Project> {
        let whole = Self::row(asker, id).await?;
        let entries = commitments::entries_of(&asker.db, Holder::Project(id)).await?;
        Ok(with(asker, whole, entries))
    }
}

fn with(asker: &Asker<'_>, whole: Whole, entries: Vec<CommittedEntry>) -> Project {
    let (state, role) = (whole.row.state.0, asker.caller.role);
    let editable = policy::plan_editable(state, role) || policy::spending_editable(state, role);
    let allowed = allowed(asker.caller, &whole.row);
    whole.into_project(allowed, editable, entries, asker.today)
}

impl Line<Projects> for Row {
    type Shown = ProjectSummary;

    fn shown(self, asker: &Asker<'_>) -> ProjectSummary {
        let allowed = allowed(asker.caller, &self);
        self.into_summary(allowed, asker.today)
    }
}

impl Listed<Row> for Projects {
    type Query = ProjectQuery;

    async fn filtered(asker: &Asker<'_>, query: &ProjectQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| PairingColumn::CampaignId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.organisation_id, |id| PairingColumn::OrganisationId.eq(id))
            .given(query.catalogue_entry_id, |id| Column::Id.in_subquery(commitments::projects_of(id)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.goal, |goal| Column::Goal.eq(Code(goal)))
            .given(query.over_budget, over_budget)
            .wanted(query.overdue, || overdue(asker.today))
            .wanted(query.waits_for_me, || waits_for(asker.caller.role))
            .wanted(query.ready, ready)
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            let titles = TITLES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?;
            select = select.filter(pairings::list::called(asker, q).await?.add(titles));
        }
        Ok(select)
    }

    fn kept(asker: &Asker<'_>, query: &ProjectQuery) -> Option<Total> {
        let ProjectQuery {
            campaign_id,
            state,
            within,
            pairing_id: None,
            organisation_id: None,
            catalogue_entry_id: None,
            goal: None,
            over_budget: None,
            overdue: None,
            waits_for_me: None,
            ready: None,
            q: None,
            sort: _,
            cursor: _,
            limit: _,
            total: _,
        } = query
        else {
            return None;
        };
        total_in_state(asker.caller, &[TallyFigure::Projects], *campaign_id, within.as_deref(), *state)
    }

    fn order(sort: ProjectSort) -> By<Row> {
        match sort {
            ProjectSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            ProjectSort::Title => by(Column::Title, |row| (&row.title).into()),
            ProjectSort::EndsOn => by(Column::EndsOn, |row| row.ends_on.into()),
            ProjectSort::VillageCode => by(Column::VillageCode, |row| (&row.village_code).into()),
        }
    }
}

/// The facts of a row for a decision.
pub(super) fn facts(row: &Row) -> Facts {
    Facts {
        state: row.state.0,
        pairing_active: row.pairing_state.0 == PairingState::Active,
        organisation_consented: row.organisation_consented_at.is_some(),
        village_consented: row.village_consented_at.is_some(),
        tasks_total: row.tasks_total,
        tasks_open: row.tasks_total - row.tasks_done,
    }
}

fn allowed(caller: &Caller, row: &Row) -> Vec<ProjectAction> {
    if caller.may(Permission::WriteProjects) { policy::allowed(facts(row), caller.role) } else { Vec::new() }
}

/// The condition that more was spent than planned; for `false`, that it was not.
fn over_budget(over: bool) -> SimpleExpr {
    let (spent, budget) = (Expr::col((Entity, Column::SpentFen)), Expr::col((Entity, Column::BudgetFen)));
    if over { spent.gt(budget) } else { spent.lte(budget) }
}

/// The condition that a running project has an overdue task.
fn overdue(today: NaiveDate) -> Condition {
    Condition::all().add(running()).add(Column::Id.in_subquery(entities::tasks::late(today)))
}

/// The condition that a project runs, so that its tasks are due.
pub fn running() -> Condition {
    Condition::all().add(Column::State.is_in(codes(ProjectState::RUNNING)))
}

/// The condition that the two sides can continue a project: submit, start or complete it.
fn ready() -> Condition {
    let state = |state| Column::State.eq(Code(state));
    let agreed = Condition::all()
        .add(Column::State.is_in(codes(ProjectState::OPEN)))
        .add(Column::OrganisationConsentedAt.is_not_null())
        .add(Column::VillageConsentedAt.is_not_null());
    let done = Condition::all().add(state(ProjectState::InProgress)).add(entities::tasks::none_open());
    Condition::any().add(agreed).add(state(ProjectState::Approved)).add(done)
}

/// The condition that a project waits for a role: for its side's consent, or for the bureau's decision.
fn waits_for(role: Role) -> Condition {
    let open = Condition::all().add(is_one_of((Entity, Column::State), ProjectState::OPEN));
    match (role, side(role)) {
        (Role::Bureau, _) => {
            Condition::all().add(is_one_of((Entity, Column::State), &[ProjectState::Submitted, ProjectState::Completed]))
        }
        (_, Some(Side::Organisation)) => open.add(Column::OrganisationConsentedAt.is_null()),
        (_, Some(Side::Village)) => open.add(Column::VillageConsentedAt.is_null()),
        _ => Condition::all().add(Expr::val(false)),
    }
}
