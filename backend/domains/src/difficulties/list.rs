//! The difficulties that exist for a caller, and their list.

use contract::adoptions::{Difficulty, DifficultyQuery, DifficultySort, DifficultyState};
use contract::{Permission, Role};
use entities::difficulties::{Column, Entity, OBJECT, Row};
use entities::{institutions, scope};
use platform::area::within;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, Select};

/// Difficulties.
#[derive(Debug)]
pub struct Difficulties;

impl Object for Difficulties {
    type Entity = Entity;
    type Row = Row;
    type Shown = Difficulty;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::difficulties(caller)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> Difficulty {
        let (caller, state) = (asker.caller, row.state.0);
        let may = caller.may(Permission::WriteAdoptions);
        let allowed = if may { DifficultyState::STEPS.allowed(state, caller.role) } else { Vec::new() };
        row.into_difficulty(raises(caller) && state == DifficultyState::Open, allowed)
    }
}

/// Whether a caller raises difficulties: an institution its own.
pub(super) fn raises(caller: &Caller) -> bool {
    caller.role == Role::Institution && caller.may(Permission::WriteAdoptions)
}

impl Listed for Difficulties {
    type Query = DifficultyQuery;

    async fn filtered(asker: &Asker<'_>, query: &DifficultyQuery) -> Result<Select<Entity>> {
        let waits = || {
            let theirs = entities::adoptions::institutions_of(asker.caller.user_id);
            Condition::all()
                .add(Expr::col((Entity, Column::State)).eq(Code(DifficultyState::Open)))
                .add(Expr::col((Entity, Column::InstitutionId)).in_subquery(theirs))
        };
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.institution_id, |id| Column::InstitutionId.eq(id))
            .given(query.adoption_id, |id| Column::AdoptionId.eq(id))
            .given(query.cadre_id, |id| {
                let theirs = entities::adoptions::institutions_of(id);
                Condition::any()
                    .add(Expr::col((Entity, Column::InstitutionId)).in_subquery(theirs))
                    .add(Expr::col((entities::adoptions::Entity, entities::adoptions::Column::CadreId)).eq(id))
            })
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.solved_in, |month| Column::SolvedOn.between(month.first_day(), month.last_day()))
            .wanted(query.waits_for_me, waits)
            .given(query.within.as_ref(), |code| within((institutions::Entity, institutions::Column::AreaCode), code))
            .given(query.q.as_ref(), |q| {
                entities::adoptions::called(q).add(list::contains((Entity, Column::NameWords), &sought(q)))
            }))
    }

    fn order(sort: DifficultySort) -> By<Row> {
        match sort {
            DifficultySort::RaisedOn => by(Column::RaisedOn, |row| row.raised_on.into()),
            DifficultySort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}
