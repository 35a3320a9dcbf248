//! The tasks that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::projects::{Task, TaskQuery, TaskSort, TaskState};
use contract::tallies::TallyFigure;
use contract::{Month, Permission, Role};
use entities::pairings::Column as PairingColumn;
use entities::projects::Column as ProjectColumn;
use entities::tasks::{Column, Entity, OBJECT, Row};
use entities::{names, scope};
use platform::coded::{Code, Written};
use platform::list::{By, Key, Total, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, Select};

use super::policy::{self, Facts};
use crate::projects;
use crate::tallies::service::total_in_state;

/// Tasks of projects.
#[derive(Debug)]
pub struct Tasks;

const TITLES: Searched = Searched { table: "tasks", key: "id", texts: &["name_words"] };

impl Object for Tasks {
    type Entity = Entity;
    type Row = Row;
    type Shown = Task;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::tasks(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Task {
        let (facts, role) = (facts(&row), asker.caller.role);
        let may = asker.caller.may(Permission::WriteProjects);
        let allowed = if may { policy::allowed(facts, role) } else { Vec::new() };
        row.into_task(allowed, policy::editable(facts, role), asker.today)
    }
}

impl Listed for Tasks {
    type Query = TaskQuery;

    async fn filtered(asker: &Asker<'_>, query: &TaskQuery) -> Result<Select<Entity>> {
        // What waits is open and of a running project. If it is not overdue, only the day is left to say, and an index finds that.
        let due_later = (query.waits_for_me, query.overdue) == (Some(true), Some(false));
        let mut select = Self::scope(asker.caller)
            .given(query.project_id, |id| Column::ProjectId.eq(id))
            .given(query.campaign_id, |id| PairingColumn::CampaignId.eq(id))
            .given(query.pairing_id, |id| ProjectColumn::PairingId.eq(id))
            .given(query.organisation_id, |id| PairingColumn::OrganisationId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.responsible, |side| Column::Responsible.eq(Code(side)))
            .given(query.due_before, |day| Column::DueOn.lt(day))
            .wanted(query.overdue, || overdue(asker.today))
            .wanted(query.waits_for_me, || waits_for(asker.caller.role, asker.today))
            .given(due_later.then_some(asker.today), |today| Column::DueOn.gte(today))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            select = select.filter(TITLES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?);
        }
        Ok(select)
    }

    fn kept(asker: &Asker<'_>, query: &TaskQuery) -> Option<Total> {
        let TaskQuery {
            campaign_id,
            state,
            within,
            project_id: None,
            pairing_id: None,
            organisation_id: None,
            month: None,
            responsible: None,
            due_before: None,
            overdue: None,
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
        total_in_state(asker.caller, &[TallyFigure::Tasks], *campaign_id, within.as_deref(), *state)
    }

    fn order(sort: TaskSort) -> By<Row> {
        match sort {
            TaskSort::DueOn => by(Column::DueOn, |row| row.due_on.into()),
            TaskSort::Month => by(Column::Month, |row| Key::Text(row.month.0.to_string())),
            TaskSort::Position => by(Column::Position, |row| row.position.into()),
            TaskSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

fn facts(row: &Row) -> Facts {
    Facts { state: row.state.0, project: row.project_state.0, responsible: row.responsible.0 }
}

/// The condition that a task is overdue, in a statement that joins projects.
fn overdue(today: NaiveDate) -> Condition {
    Condition::all().add(Column::State.eq(Code(TaskState::Open))).add(Column::DueOn.lt(today)).add(projects::list::running())
}

/// The condition that a task waits for a role: its side is responsible and its month has come; or it is overdue, which concerns
/// both sides and the town.
fn waits_for(role: Role, today: NaiveDate) -> Condition {
    let Some(side) = policy::side(role) else { return Condition::all().add(Expr::val(false)) };
    let mine = Condition::all().add(Column::Responsible.eq(Code(side))).add(Column::Month.lte(Written(Month::of(today))));
    Condition::all()
        .add(Column::State.eq(Code(TaskState::Open)))
        .add(projects::list::running())
        .add(Condition::any().add(mine).add(Column::DueOn.lt(today)))
}
