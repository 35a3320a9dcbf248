//! The institutions that exist for a caller, and their list.

use contract::Permission;
use contract::institutions::{Institution, InstitutionQuery, InstitutionSort, InstitutionState};
use entities::institutions::{Column, Entity, OBJECT, Relation, Row};
use entities::scope;
use platform::area::within;
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

/// Civil-affairs service institutions.
#[derive(Debug)]
pub struct Institutions;

const NAMES: Searched = Searched { table: "institutions", key: "id", texts: &["name_words"] };

impl Object for Institutions {
    type Entity = Entity;
    type Row = Row;
    type Shown = Institution;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::institutions(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select.join(JoinType::LeftJoin, Relation::Area.def())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Institution {
        let (caller, state) = (asker.caller, row.state.0);
        let writes = writes(caller, row.id, &row.area_code);
        let allowed = if writes { InstitutionState::STEPS.allowed(state, caller.role) } else { Vec::new() };
        row.into_institution(writes && state == InstitutionState::Open, allowed)
    }
}

impl Listed for Institutions {
    type Query = InstitutionQuery;

    async fn filtered(asker: &Asker<'_>, query: &InstitutionQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.in_difficulty, || Column::Difficulties.is_not_null());
        if let Some(q) = &query.q {
            select = select.filter(NAMES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?);
        }
        Ok(select)
    }

    fn order(sort: InstitutionSort) -> By<Row> {
        match sort {
            InstitutionSort::Name => by(Column::NameKey, |row| (&row.name_key).into()),
            InstitutionSort::Code => by(Column::Code, |row| (&row.code).into()),
            InstitutionSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// Whether a caller may change an institution that lies in an area.
pub(super) fn writes(caller: &Caller, id: Uuid, area_code: &str) -> bool {
    caller.may(Permission::WriteInstitutions) && scope::owns_institution(caller, area_code, id)
}
