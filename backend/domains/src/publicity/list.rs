//! The items that exist for a caller, and their list.

use contract::Permission;
use contract::publicity::{PublicityItem, PublicityQuery, PublicitySort, PublicityState};
use entities::publicity::{Column, Entity, Model, OBJECT, Relation, Row};
use entities::scope;
use platform::area::within;
use platform::coded::Code;
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use crate::areas;
use crate::organisations;

/// Items of publicity.
#[derive(Debug)]
pub struct PublicityItems;

const TITLES: Searched = Searched { table: "publicity_items", key: "id", texts: &["name_words"] };

impl Object for PublicityItems {
    type Entity = Entity;
    type Row = Row;
    type Shown = PublicityItem;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::publicity(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        [Relation::Campaign, Relation::Case, Relation::Area, Relation::Organisation]
            .into_iter()
            .fold(select, |select, relation| select.join(JoinType::LeftJoin, relation.def()))
    }

    fn shown(asker: &Asker<'_>, row: Row) -> PublicityItem {
        let keeps = keeps(asker.caller, &row);
        let allowed = if keeps { PublicityState::STEPS.allowed(row.state.0, asker.caller.role) } else { Vec::new() };
        let editable = keeps && row.state.0 == PublicityState::Recorded;
        row.into_item(allowed, editable)
    }
}

/// Whether a caller writes items of this organisation or area. Town and bureau correct what lies in theirs.
pub(super) fn keeps(caller: &Caller, row: &Model) -> bool {
    caller.may(Permission::WritePublicity) && scope::owns(caller, &row.area_code, row.organisation_id)
}

impl Listed for PublicityItems {
    type Query = PublicityQuery;

    async fn filtered(asker: &Asker<'_>, query: &PublicityQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.channel, |channel| Column::Channel.eq(Code(channel)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.month, |month| Column::AppearedOn.between(month.first_day(), month.last_day()))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.case_id, |id| Column::CaseId.eq(id))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(TITLES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?)
                    .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::AreaCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: PublicitySort) -> By<Row> {
        match sort {
            PublicitySort::AppearedOn => by(Column::AppearedOn, |row| row.appeared_on.into()),
            PublicitySort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            PublicitySort::Title => by(Column::NameKey, |row| (&row.name_key).into()),
        }
    }
}
