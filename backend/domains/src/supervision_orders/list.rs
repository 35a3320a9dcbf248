//! The supervision orders that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::supervision_orders::{
    OFFICES, SupervisionOrder, SupervisionOrderAction, SupervisionOrderQuery, SupervisionOrderSort, SupervisionOrderState,
    SupervisionOrderSummary,
};
use contract::{Permission, Role};
use entities::scope;
use entities::supervision_orders::{Column, Entity, OBJECT, Row, Whole};
use platform::area::within;
use platform::coded::{Code, is_one_of};
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, Select};

use super::policy::{self, Part};

/// Supervision orders. A list leaves out their matters.
#[derive(Debug)]
pub struct SupervisionOrders;

impl Object for SupervisionOrders {
    type Entity = Entity;
    type Row = Whole;
    type Shown = SupervisionOrder;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::supervision_orders(caller)
    }

    fn shown(asker: &Asker<'_>, whole: Whole) -> SupervisionOrder {
        let row = &whole.row;
        let editable = part(asker.caller, row) == Part::Issuer && row.state.0 == SupervisionOrderState::Draft;
        let (left, allowed) = (days_left(asker, row), allowed(asker, row));
        whole.into_order(left, allowed, editable)
    }
}

impl Line<SupervisionOrders> for Row {
    type Shown = SupervisionOrderSummary;

    fn shown(self, asker: &Asker<'_>) -> SupervisionOrderSummary {
        let (left, allowed) = (days_left(asker, &self), allowed(asker, &self));
        self.into_summary(left, allowed)
    }
}

impl Listed<Row> for SupervisionOrders {
    type Query = SupervisionOrderQuery;

    async fn filtered(asker: &Asker<'_>, query: &SupervisionOrderQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.colour, |colour| Column::Colour.eq(Code(colour)))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .wanted(query.waits_for_me, || waits_for(asker.caller))
            .wanted(query.overdue, || overdue(asker.today))
            .given(query.within.as_ref(), |code| {
                let areas = [Column::IssuerCode, Column::AreaCode].map(|column| within((Entity, column), code));
                areas.into_iter().fold(Condition::any(), Condition::add)
            })
            .given(query.q.as_ref(), |q| {
                let named = list::contains((Entity, Column::NameWords), &sought(q));
                Condition::any().add(named).add(list::contains((Entity, Column::Number), q))
            }))
    }

    fn order(sort: SupervisionOrderSort) -> By<Row> {
        match sort {
            SupervisionOrderSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            SupervisionOrderSort::DueOn => by(Column::DueOn, |row| row.due_on.into()),
            SupervisionOrderSort::AddresseeName => by(Column::NameKey, |row| (&row.name_key).into()),
        }
    }
}

/// Whether an office of this caller issues orders.
pub(super) fn issues(caller: &Caller) -> bool {
    OFFICES.contains(&caller.role) && caller.may(Permission::WriteSupervisionOrders)
}

/// The part that a caller has in an order: its office issued it, or it is addressed to them.
pub(super) fn part(caller: &Caller, row: &Row) -> Part {
    let own = caller.area_code.as_str();
    let addressee = match scope::organisation(caller) {
        Some(id) => row.organisation_id == Some(id),
        None => row.area_code.as_deref() == Some(own),
    };
    match addressee && caller.may(Permission::WriteSupervisionOrders) {
        true => Part::Addressee,
        false if issues(caller) && row.issuer_code == own => Part::Issuer,
        false => Part::Reader,
    }
}

/// Whether a caller may attach files: the office to its draft, the addressee to what it is to answer.
pub fn evidence_welcome(caller: &Caller, row: &Row) -> bool {
    match part(caller, row) {
        Part::Issuer => row.state.0 == SupervisionOrderState::Draft,
        Part::Addressee => [SupervisionOrderState::Received, SupervisionOrderState::Returned].contains(&row.state.0),
        Part::Reader => false,
    }
}

fn days_left(asker: &Asker<'_>, row: &Row) -> Option<i64> {
    policy::due(row.state.0, row.due_on, asker.today)
}

pub(super) fn allowed(asker: &Asker<'_>, row: &Row) -> Vec<SupervisionOrderAction> {
    policy::allowed(row.state.0, asker.caller.role, part(asker.caller, row), row.due_on, asker.today)
}

/// The condition that the days of an order are over ([`policy::due`]).
fn overdue(today: NaiveDate) -> Condition {
    Condition::all().add(is_one_of((Entity, Column::State), SupervisionOrderState::OWED)).add(Column::DueOn.lt(today))
}

/// The condition that an order waits for a caller in their part.
fn waits_for(caller: &Caller) -> Condition {
    let own = caller.area_code.as_str();
    let state = |part| is_one_of((Entity, Column::State), policy::waiting_for(part));
    let addressed = match scope::organisation(caller) {
        Some(id) => Column::OrganisationId.eq(id),
        None => Column::AreaCode.eq(own),
    };
    let mut waits = Condition::any();
    if matches!(caller.role, Role::Town | Role::Village | Role::Organisation) {
        waits = waits.add(addressed.and(state(Part::Addressee)));
    }
    if issues(caller) {
        waits = waits.add(Column::IssuerCode.eq(own).and(state(Part::Issuer)));
    }
    waits.add(Expr::val(1).eq(0))
}
