//! The publications that exist for a caller, and their list.

use contract::Permission;
use contract::publications::{
    Publication, PublicationAction, PublicationHead, PublicationQuery, PublicationSort, PublicationState,
};
use entities::publications::{Column, Entity, OBJECT, Row, Whole};
use entities::{campaigns, scope};
use platform::coded::{Code, Written};
use platform::list::{By, by};
use platform::object::{Asker, Given, Line, Listed, Object};
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

/// Publications. A list leaves out their figures.
#[derive(Debug)]
pub struct Publications;

impl Object for Publications {
    type Entity = Entity;
    type Row = Whole;
    type Shown = Publication;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::publications(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        select.join(JoinType::LeftJoin, campaigns::Relation::Area.def())
    }

    fn shown(asker: &Asker<'_>, whole: Whole) -> Publication {
        let allowed = allowed(asker.caller, &whole.row);
        whole.into_publication(allowed)
    }
}

impl Line<Publications> for Row {
    type Shown = PublicationHead;

    fn shown(self, asker: &Asker<'_>) -> PublicationHead {
        let allowed = allowed(asker.caller, &self);
        self.into_head(allowed)
    }
}

/// Whether a caller publishes what is about an area.
pub(super) fn keeps(caller: &Caller, area_code: &str) -> bool {
    caller.may(Permission::WritePublications) && scope::covers(caller, area_code)
}

fn allowed(caller: &Caller, row: &Row) -> Vec<PublicationAction> {
    if keeps(caller, &row.area_code) { PublicationState::STEPS.allowed(row.state.0, caller.role) } else { Vec::new() }
}

impl Listed<Row> for Publications {
    type Query = PublicationQuery;

    async fn filtered(asker: &Asker<'_>, query: &PublicationQuery) -> Result<Select<Entity>> {
        Ok(Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.state, |state| Column::State.eq(Code(state))))
    }

    fn order(sort: PublicationSort) -> By<Row> {
        match sort {
            PublicationSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            PublicationSort::Month => by(Column::Month, |row| row.month.0.to_string().into()),
        }
    }
}
