//! The monthly updates that exist for a caller, and their list.

use contract::adoptions::{AdoptionUpdate, AdoptionUpdateQuery, AdoptionUpdateSort};
use contract::{Permission, Role};
use entities::adoption_updates::{Column, Entity, OBJECT, Row};
use entities::{adoptions, institutions, scope};
use platform::area::within;
use platform::coded::Written;
use platform::list::{By, Key, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{Caller, Result};
use sea_orm::Select;
use sea_orm::entity::prelude::*;

/// Monthly updates of adoptions.
#[derive(Debug)]
pub struct AdoptionUpdates;

impl Object for AdoptionUpdates {
    type Entity = Entity;
    type Row = Row;
    type Shown = AdoptionUpdate;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::adoption_updates(caller)
    }

    fn shown(asker: &Asker<'_>, row: Row) -> AdoptionUpdate {
        row.into_update(writes(asker.caller))
    }
}

/// Whether a caller writes what they see: a cadre of their own adoptions.
pub fn writes(caller: &Caller) -> bool {
    caller.role == Role::Cadre && caller.may(Permission::WriteAdoptions)
}

impl Listed for AdoptionUpdates {
    type Query = AdoptionUpdateQuery;

    async fn filtered(asker: &Asker<'_>, query: &AdoptionUpdateQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| adoptions::Column::CampaignId.eq(id))
            .given(query.adoption_id, |id| Column::AdoptionId.eq(id))
            .given(query.cadre_id, |id| adoptions::Column::CadreId.eq(id))
            .given(query.institution_id, |id| adoptions::Column::InstitutionId.eq(id))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.within.as_ref(), |code| within((institutions::Entity, institutions::Column::AreaCode), code))
            .given(query.q.as_ref(), |q| adoptions::called(q)))
    }

    fn order(sort: AdoptionUpdateSort) -> By<Row> {
        match sort {
            AdoptionUpdateSort::Month => by(Column::Month, |row| Key::Text(row.month.0.to_string())),
            AdoptionUpdateSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
        }
    }
}
