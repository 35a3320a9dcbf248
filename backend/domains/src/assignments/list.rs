//! The assignments that exist for a caller, their lines, and their lists.

use contract::Permission;
use contract::assignments::{
    Assignment, AssignmentLine, AssignmentLineQuery, AssignmentLineSort, AssignmentQuery, AssignmentSort, AssignmentState,
};
use entities::assignments::{Column, Entity, LineRow, OBJECT, Relation, Row, line};
use entities::{names, scope};
use platform::area::within;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use crate::areas;
use crate::organisations;

/// Assignments.
#[derive(Debug)]
pub struct Assignments;

impl Object for Assignments {
    type Entity = Entity;
    type Row = Row;
    type Shown = Assignment;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::assignments(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select.join(JoinType::LeftJoin, Relation::Campaign.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Assignment {
        let may = asker.caller.may(Permission::WriteAssignments) && scope::covers(asker.caller, &row.area_code);
        let allowed = if may { AssignmentState::STEPS.allowed(row.state.0, asker.caller.role) } else { Vec::new() };
        row.into_assignment(allowed)
    }
}

impl Listed for Assignments {
    type Query = AssignmentQuery;

    async fn filtered(asker: &Asker<'_>, query: &AssignmentQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .filter(match query.state {
                Some(state) => Column::State.eq(Code(state)),
                None => Column::State.ne(Code(AssignmentState::Discarded)),
            })
            .given(query.q.as_ref(), |q| list::contains((Entity, Column::NameWords), &sought(q))))
    }

    fn order(sort: AssignmentSort) -> By<Row> {
        match sort {
            AssignmentSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            AssignmentSort::Title => by(Column::NameKey, |row| (&row.name_key).into()),
        }
    }
}

/// Lines of assignments.
#[derive(Debug)]
pub struct AssignmentLines;

impl Object for AssignmentLines {
    type Entity = line::Entity;
    type Row = LineRow;
    type Shown = AssignmentLine;
    const NAME: &'static str = "assignment_lines";

    fn scope(caller: &Caller) -> Select<line::Entity> {
        scope::assignment_lines(caller)
    }

    fn named(select: Select<line::Entity>) -> Select<line::Entity> {
        let select = select.join(JoinType::LeftJoin, line::Relation::Organisation.def());
        names::village_and_town(select, JoinType::LeftJoin, line::Relation::Village)
    }

    fn shown(_: &Asker<'_>, row: LineRow) -> AssignmentLine {
        row.into()
    }
}

impl Listed for AssignmentLines {
    type Query = AssignmentLineQuery;

    async fn filtered(asker: &Asker<'_>, query: &AssignmentLineQuery) -> Result<Select<line::Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.assignment_id, |id| line::Column::AssignmentId.eq(id))
            .given(query.organisation_id, |id| line::Column::OrganisationId.eq(id))
            .given(query.within.as_ref(), |code| within((line::Entity, line::Column::VillageCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(organisations::service::called(&asker.db, (line::Entity, line::Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (line::Entity, line::Column::VillageCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: AssignmentLineSort) -> By<LineRow> {
        match sort {
            AssignmentLineSort::Position => by(line::Column::Position, |row| row.position.into()),
            AssignmentLineSort::Score => by(line::Column::Score, |row| row.score.into()),
        }
    }
}
