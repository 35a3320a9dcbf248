//! The meetings that exist for a caller, and their list.

use chrono::NaiveDate;
use contract::Permission;
use contract::meetings::{Meeting, MeetingAction, MeetingQuery, MeetingSort, MeetingState, MeetingSummary};
use entities::meetings::{Column, Entity, OBJECT, Row, Whole, participant};
use entities::scope;
use platform::area::within;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{Condition, QuerySelect, QueryTrait, Select};

/// Meetings. A list leaves out what was resolved, and who took part.
#[derive(Debug)]
pub struct Meetings;

impl Object for Meetings {
    type Entity = Entity;
    type Row = Whole;
    type Shown = Meeting;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::meetings(caller)
    }

    fn shown(asker: &Asker<'_>, whole: Whole) -> Meeting {
        let row = &whole.row;
        let editable = keeps(asker.caller, &row.area_code) && row.state.0 != MeetingState::Cancelled;
        let allowed = allowed(asker, row);
        whole.into_meeting(allowed, editable)
    }
}

impl Line<Meetings> for Row {
    type Shown = MeetingSummary;

    fn shown(self, asker: &Asker<'_>) -> MeetingSummary {
        let allowed = allowed(asker, &self);
        self.into_summary(allowed)
    }
}

impl Listed<Row> for Meetings {
    type Query = MeetingQuery;

    async fn filtered(asker: &Asker<'_>, query: &MeetingQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.organisation_id, |id| attended(participant::Column::OrganisationId.eq(id)))
            .given(query.within.as_ref(), |code| {
                let theirs = attended(within((participant::Entity, participant::Column::AreaCode), code));
                Condition::any().add(within((Entity, Column::AreaCode), code)).add(theirs)
            })
            .given(query.q.as_ref(), |q| list::contains((Entity, Column::NameWords), &sought(q))))
    }

    fn order(sort: MeetingSort) -> By<Row> {
        match sort {
            MeetingSort::HeldOn => by(Column::HeldOn, |row| row.held_on.into()),
            MeetingSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// The condition that somebody takes part in a meeting.
fn attended(who: SimpleExpr) -> SimpleExpr {
    let theirs = participant::Entity::find().select_only().column(participant::Column::MeetingId).filter(who);
    Expr::col((Entity, Column::Id)).in_subquery(theirs.into_query())
}

/// Whether a caller keeps the meetings that an office calls: the office itself, and the bureau those of its towns.
pub(super) fn keeps(caller: &Caller, area_code: &str) -> bool {
    caller.may(Permission::WriteMeetings) && scope::covers(caller, area_code)
}

/// Whether a meeting that is planned for a day has not been yet.
pub(super) fn is_ahead(held_on: NaiveDate, today: NaiveDate) -> bool {
    today < held_on
}

/// The steps that a caller may take. A meeting is not held before its day.
pub(super) fn allowed(asker: &Asker<'_>, row: &Row) -> Vec<MeetingAction> {
    if !keeps(asker.caller, &row.area_code) {
        return Vec::new();
    }
    let mut actions = MeetingState::STEPS.allowed(row.state.0, asker.caller.role);
    actions.retain(|&action| action != MeetingAction::Hold || !is_ahead(row.held_on, asker.today));
    actions
}
