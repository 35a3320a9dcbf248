//! The uptakes that exist for a caller, and their list.

use contract::Permission;
use contract::cases::{Uptake, UptakeQuery, UptakeSort};
use entities::case_uptakes::{Column, Entity, Model, OBJECT, Relation, Row};
use entities::{cases, organisations, scope};
use platform::area::within;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

/// Uptakes.
#[derive(Debug)]
pub struct Uptakes;

impl Object for Uptakes {
    type Entity = Entity;
    type Row = Row;
    type Shown = Uptake;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        sides(scope::case_uptakes(caller))
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Uptake {
        let editable = writes(asker.caller, &row);
        row.into_uptake(editable)
    }
}

/// Adds the village and the organisation, by whose names uptakes are found.
fn sides(select: Select<Entity>) -> Select<Entity> {
    select.join(JoinType::LeftJoin, Relation::Village.def()).join(JoinType::LeftJoin, Relation::Organisation.def())
}

/// Whether a caller may change an uptake: it is of their village or organisation.
pub(super) fn writes(caller: &Caller, row: &Model) -> bool {
    let village = row.village_code.as_deref().unwrap_or_default();
    caller.may(Permission::TakeUpCases) && scope::owns(caller, village, row.organisation_id)
}

impl Listed for Uptakes {
    type Query = UptakeQuery;

    async fn filtered(asker: &Asker<'_>, query: &UptakeQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.case_id, |id| Column::CaseId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .given(query.within.as_ref(), |code| {
                let registered = within((organisations::Entity, organisations::Column::AreaCode), code);
                let alone = Condition::all().add(Column::VillageCode.is_null()).add(registered);
                Condition::any().add(within((Entity, Column::VillageCode), code)).add(alone)
            })
            .given(query.q.as_ref(), |q| called(q)))
    }

    fn order(sort: UptakeSort) -> By<Row> {
        match sort {
            UptakeSort::TakenOn => by(Column::TakenOn, |row| row.taken_on.into()),
            UptakeSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}

/// The condition that a text occurs in the title of the case, or in the name of who has taken it up. There are few uptakes, so
/// nothing is indexed for this.
fn called(typed: &str) -> Condition {
    let named = sought(typed);
    Condition::any()
        .add(list::contains((cases::Entity, cases::Column::NameWords), &named))
        .add(list::contains((organisations::Entity, organisations::Column::NameWords), &named))
        .add(list::contains((entities::areas::Entity, entities::areas::Column::NameWords), &named))
}
