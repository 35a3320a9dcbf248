//! The entries of the catalogue that exist for a caller, and their list.

use contract::catalogue::{CatalogueEntry, CatalogueEntryQuery, CatalogueEntrySort, CatalogueEntryState};
use contract::{Permission, Role};
use entities::catalogue::{Column, Entity, OBJECT, Relation, Row, remains};
use entities::{pairings, scope};
use platform::area::within;
use platform::coded::{Code, Written};
use platform::list::{By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::spelling::sought;
use platform::{Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, JoinType, QuerySelect, QueryTrait, RelationTrait, Select};

use crate::areas;
use crate::organisations;

/// Needs of villages and offers of organisations.
#[derive(Debug)]
pub struct CatalogueEntries;

const TITLES: Searched = Searched { table: "catalogue_entries", key: "id", texts: &["name_words"] };

impl Object for CatalogueEntries {
    type Entity = Entity;
    type Row = Row;
    type Shown = CatalogueEntry;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::catalogue(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        [Relation::Campaign, Relation::Village, Relation::Organisation]
            .into_iter()
            .fold(select, |select, relation| select.join(JoinType::LeftJoin, relation.def()))
    }

    fn shown(asker: &Asker<'_>, row: Row) -> CatalogueEntry {
        let keeps = keeps(asker.caller, &row.area_code, row.organisation_id);
        let allowed = if keeps { CatalogueEntryState::STEPS.allowed(row.state.0, asker.caller.role) } else { Vec::new() };
        let editable = keeps && CatalogueEntryState::LIVE.contains(&row.state.0);
        row.into_entry(allowed, editable)
    }
}

impl Listed for CatalogueEntries {
    type Query = CatalogueEntryQuery;

    async fn filtered(asker: &Asker<'_>, query: &CatalogueEntryQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.organisation_id, |id| Column::OrganisationId.eq(id))
            .given(query.pairing_id, |id| of_pairing(asker.caller, id))
            .given(query.side, |side| Column::Side.eq(Code(side)))
            .given(query.goal, |goal| Column::Goal.eq(Code(goal)))
            .given(query.industry, |industry| Column::Industry.eq(Code(industry)))
            .given(query.kind, |kind| Column::Kind.eq(Code(kind)))
            .given(query.for_group, |group| Column::ForGroup.eq(Code(group)))
            .given(query.urgency, |urgency| Column::Urgency.eq(Code(urgency)))
            .given(query.state, |state| Column::State.eq(Code(state)))
            .wanted(query.remains, remains)
            .given(query.month, |month| {
                let month = || Written(month);
                Condition::all()
                    .add(Column::FromMonth.is_null().or(Column::FromMonth.lte(month())))
                    .add(Column::ToMonth.is_null().or(Column::ToMonth.gte(month())))
            })
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(TITLES.contain(&asker.db, (Entity, Column::Id), &sought(q)).await?)
                    .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: CatalogueEntrySort) -> By<Row> {
        match sort {
            CatalogueEntrySort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            CatalogueEntrySort::Title => by(Column::NameKey, |row| (&row.name_key).into()),
            CatalogueEntrySort::AreaCode => by(Column::AreaCode, |row| (&row.area_code).into()),
            CatalogueEntrySort::Quantity => by(Column::Quantity, |row| row.quantity.into()),
        }
    }
}

/// The condition that an entry is of one of the sides of a pairing, in its campaign.
fn of_pairing(caller: &Caller, id: Uuid) -> Condition {
    use pairings::Column as Pairing;
    let of = |column: Pairing| {
        let pairing = scope::pairings(caller).filter(Pairing::Id.eq(id));
        pairing.select_only().column(column).into_query()
    };
    let sides = Condition::any()
        .add(Column::VillageCode.in_subquery(of(Pairing::VillageCode)))
        .add(Column::OrganisationId.in_subquery(of(Pairing::OrganisationId)));
    Condition::all().add(Column::CampaignId.in_subquery(of(Pairing::CampaignId))).add(sides)
}

/// Whether a caller keeps an entry of this area or organisation. A town writes for its villages, and not for organisations.
pub(super) fn keeps(caller: &Caller, area_code: &str, organisation_id: Option<Uuid>) -> bool {
    let for_organisation = organisation_id.is_some() && caller.role == Role::Town;
    caller.may(Permission::WriteCatalogue) && !for_organisation && scope::owns(caller, area_code, organisation_id)
}
