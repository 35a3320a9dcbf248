//! The progress updates that exist for a caller, and their list.

use contract::Permission;
use contract::progress::{ProgressQuery, ProgressSort, ProgressUpdate};
use contract::reports::ReportState;
use contract::tallies::TallyFigure;
use entities::pairings as pairing;
use entities::progress::{Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::coded::{Code, Written};
use platform::list::{By, Key, Total, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::search::Searched;
use platform::{Caller, Result, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use crate::pairings;
use crate::tallies::service::{Filter, total};

/// Progress updates.
#[derive(Debug)]
pub struct ProgressUpdates;

const TEXTS: Searched = Searched { table: "progress_updates", key: "id", texts: &["content", "progress"] };

impl Object for ProgressUpdates {
    type Entity = Entity;
    type Row = Row;
    type Shown = ProgressUpdate;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::progress(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        names::on_pairing(select).join(JoinType::LeftJoin, accepted_form())
    }

    fn shown(asker: &Asker<'_>, row: Row) -> ProgressUpdate {
        let editable = asker.caller.may(Permission::WriteProgress) && !row.closed;
        row.into_update(editable)
    }
}

impl Listed for ProgressUpdates {
    type Query = ProgressQuery;

    async fn filtered(asker: &Asker<'_>, query: &ProgressQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| pairing::Column::CampaignId.eq(id))
            .given(query.pairing_id, |id| Column::PairingId.eq(id))
            .given(query.month, |month| Column::Month.eq(Written(month)))
            .given(query.within.as_ref(), |code| area::lies_in(Entity, code));
        if let Some(q) = &query.q {
            let texts = TEXTS.contain(&asker.db, (Entity, Column::Id), q).await?;
            select = select.filter(pairings::list::called(asker, q).await?.add(texts));
        }
        Ok(select)
    }

    fn kept(asker: &Asker<'_>, query: &ProgressQuery) -> Option<Total> {
        let ProgressQuery { campaign_id, month, within, pairing_id: None, q: None, sort: _, cursor: _, limit: _, total: _ } =
            query
        else {
            return None;
        };
        let (campaign_id, within, key) = (*campaign_id, within.as_deref(), month.map(|month| month.to_string()));
        total(asker.caller, Filter { figures: &[TallyFigure::Updates], campaign_id, within, key })
    }

    fn order(sort: ProgressSort) -> By<Row> {
        match sort {
            ProgressSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            ProgressSort::Month => by(Column::Month, |row| Key::Text(row.month.0.to_string())),
            ProgressSort::VillageCode => by(Column::VillageCode, |row| (&row.village_code).into()),
        }
    }
}

/// The join from an update to the accepted form that contains it: at most one.
fn accepted_form() -> RelationDef {
    use entities::reports as report;
    let same_form = |_, _| {
        Condition::all()
            .add(Expr::col((report::Entity, report::Column::CampaignId)).equals((pairing::Entity, pairing::Column::CampaignId)))
            .add(Expr::col((report::Entity, report::Column::TownCode)).equals(("town", entities::areas::Column::Code)))
            .add(report::Column::State.eq(Code(ReportState::Accepted)))
    };
    Relation::Form.def().on_condition(same_form)
}
