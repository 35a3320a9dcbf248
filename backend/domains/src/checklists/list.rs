//! The checklists that exist for a caller, and their list.

use contract::Permission;
use contract::inspections::{Checklist, ChecklistQuery, ChecklistSort, ChecklistState};
use entities::checklists::{Column, Entity, OBJECT, Row};
use entities::scope;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

/// Checklists.
#[derive(Debug)]
pub struct Checklists;

impl Object for Checklists {
    type Entity = Entity;
    type Row = Row;
    type Shown = Checklist;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::checklists(caller)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Checklist {
        let may = asker.caller.may(Permission::WriteChecklists) && scope::covers(asker.caller, &row.area_code);
        let state = row.state.0;
        let allowed = if may { ChecklistState::STEPS.allowed(state, asker.caller.role) } else { Vec::new() };
        row.into_checklist(may && state != ChecklistState::Retired, allowed)
    }
}

impl Listed for Checklists {
    type Query = ChecklistQuery;

    async fn filtered(asker: &Asker<'_>, query: &ChecklistQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.q.as_ref(), |q| list::contains((Entity, Column::NameWords), &sought(q))))
    }

    fn order(sort: ChecklistSort) -> By<Row> {
        match sort {
            ChecklistSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            ChecklistSort::Title => by(Column::NameKey, |row| (&row.name_key).into()),
        }
    }
}
