//! The findings that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::findings::{Finding, FindingDue, FindingQuery, FindingSort, FindingState};
use contract::projects::ResponsibleSide;
use contract::{Permission, Role};
use entities::findings::{Column, Entity, OBJECT, Row};
use entities::inspection_rounds as rounds;
use entities::{names, scope};
use platform::coded::{Code, is_one_of};
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, Select};

use super::policy::{self, Actor, Facts};
use crate::pairings;

/// Findings.
#[derive(Debug)]
pub struct Findings;

impl Object for Findings {
    type Entity = Entity;
    type Row = Row;
    type Shown = Finding;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::findings(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Finding {
        let (caller, facts) = (asker.caller, facts(&row));
        let allowed = if caller.may(Permission::AnswerFindings) { policy::allowed(facts, actor(caller)) } else { Vec::new() };
        let editable = caller.may(Permission::WriteInspections) && policy::editable(facts, caller.role);
        row.into_finding(editable, allowed, asker.today)
    }
}

impl Listed for Findings {
    type Query = FindingQuery;

    async fn filtered(asker: &Asker<'_>, query: &FindingQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| rounds::Column::CampaignId.eq(id))
            .given(query.round_id, |id| rounds::Column::Id.eq(id))
            .given(query.inspection_id, |id| Column::InspectionId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.kind, |kind| rounds::Column::Kind.eq(Code(kind)))
            .given(query.severity, |severity| Column::Severity.eq(Code(severity)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.due, |due| stands(due, asker.today))
            .wanted(query.overdue, || overdue(asker.today))
            .given(query.responsible, |side| Column::Responsible.eq(Code(side)))
            .wanted(query.was_reopened, || Column::Reopenings.gt(0))
            .wanted(query.waits_for_me, || waits_for(asker.caller))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            let called = pairings::list::called(asker, q).await?;
            select = select.filter(called.add(list::contains((Entity, Column::Problem), q)));
        }
        Ok(select)
    }

    fn order(sort: FindingSort) -> By<Row> {
        match sort {
            FindingSort::DueOn => by(Column::DueOn, |row| row.due_on.into()),
            FindingSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// The facts of a row for a decision.
pub(crate) fn facts(row: &Row) -> Facts {
    Facts {
        state: row.state.0,
        responsible: row.responsible.0,
        rectified_by: row.rectified_by,
        rectified_role: row.rectified_role.map(|role| role.0),
    }
}

/// The caller, as a decision knows them.
pub(crate) fn actor(caller: &Caller) -> Actor {
    Actor { user_id: caller.user_id, role: caller.role }
}

/// The condition that a finding stands so with its day: the days of [`FindingDue::days`], by which it is shown as well.
fn stands(due: FindingDue, today: NaiveDate) -> Condition {
    let closed = Column::State.eq(Code(FindingState::Closed));
    let Some((first, last)) = due.days(today) else { return Condition::all().add(closed) };
    Condition::all()
        .add(closed.not())
        .add_option(first.map(|first| Column::DueOn.gte(first)))
        .add_option(last.map(|last| Column::DueOn.lte(last)))
}

/// The condition that a finding is not closed and its day is over.
fn overdue(today: NaiveDate) -> Condition {
    Condition::any().add(stands(FindingDue::Overdue, today)).add(stands(FindingDue::Escalated, today))
}

/// The condition that a finding waits for a caller: for the responsible side until it has rectified, then for the office that holds
/// the round, or for the bureau, where that office is responsible or has rectified itself.
fn waits_for(caller: &Caller) -> Condition {
    let none = || Condition::all().add(Expr::val(false));
    let to_rectify = |side: ResponsibleSide| {
        Condition::all().add(is_one_of((Entity, Column::State), FindingState::TO_RECTIFY)).add(Column::Responsible.eq(Code(side)))
    };
    let submitted = || Condition::all().add(Expr::col((Entity, Column::State)).eq(Code(FindingState::Submitted)));
    let of_office = || Expr::col((rounds::Entity, rounds::Column::AreaCode)).eq(&caller.area_code);
    let towns_own = || {
        let role = Code(Role::Town);
        Condition::any()
            .add(Column::Responsible.eq(Code(ResponsibleSide::Town)))
            .add(Expr::col((Entity, Column::RectifiedRole)).eq(role))
    };
    match caller.role {
        Role::Organisation => to_rectify(ResponsibleSide::Organisation),
        Role::Village => to_rectify(ResponsibleSide::Village),
        Role::Town => {
            let verify = submitted().add(of_office()).add(towns_own().not());
            Condition::any().add(to_rectify(ResponsibleSide::Town)).add(verify)
        }
        Role::Bureau => submitted().add(Condition::any().add(of_office()).add(towns_own())),
        _ => none(),
    }
}
