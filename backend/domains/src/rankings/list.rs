//! The rankings that exist for a caller, and their list.

use std::collections::HashMap;

use contract::enrolments::EnrolmentKind;
use contract::rankings::{RankedChoice, Ranking, RankingQuery, RankingSort};
use contract::{Page, Permission, Role};
use entities::rankings::{self, Column, Entity, OBJECT, Relation, Row, name};
use entities::scope;
use platform::area::within;
use platform::coded::Code;
use platform::database::snapshot;
use platform::list::{self, By, by};
use platform::object::{Asker, Given, Listed, Object};
use platform::{App, Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, JoinType, QuerySelect, RelationTrait, Select};

use super::policy;
use crate::areas;
use crate::organisations;

/// Rankings of villages and organisations.
#[derive(Debug)]
pub struct Rankings;

impl Object for Rankings {
    type Entity = Entity;
    type Row = Row;
    type Shown = Ranking;
    const NAME: &'static str = OBJECT;

    fn scope(caller: &Caller) -> Select<Entity> {
        scope::rankings(caller)
    }

    fn named(select: Select<Entity>) -> Select<Entity> {
        [Relation::Campaign, Relation::Village, Relation::Organisation]
            .into_iter()
            .fold(select, |select, relation| select.join(JoinType::LeftJoin, relation.def()))
    }

    /// Without whom it ranks, which is read for all of a page at once.
    fn shown(asker: &Asker<'_>, row: Row) -> Ranking {
        let editable = writes(asker.caller, &row) && policy::is_open(row.due_on(), asker.today);
        row.into_ranking(Vec::new(), editable)
    }

    async fn read(asker: &Asker<'_>, id: Uuid) -> Result<Ranking> {
        let mut read = vec![Self::shown(asker, Self::row(asker, id).await?)];
        complete(asker, &mut read).await?;
        Ok(read.remove(0))
    }
}

impl Listed for Rankings {
    type Query = RankingQuery;

    async fn filtered(asker: &Asker<'_>, query: &RankingQuery) -> Result<Select<Entity>> {
        let mut select = Self::scope(asker.caller)
            .given(query.campaign_id, |id| Column::CampaignId.eq(id))
            .given(query.kind, |kind| match kind {
                EnrolmentKind::Village => Column::VillageCode.is_not_null(),
                EnrolmentKind::Organisation => Column::OrganisationId.is_not_null(),
            })
            .given(query.state, |state| Column::State.eq(Code(state)))
            .given(query.within.as_ref(), |code| within((Entity, Column::AreaCode), code));
        if let Some(q) = &query.q {
            select = select.filter(
                Condition::any()
                    .add(organisations::service::called(&asker.db, (Entity, Column::OrganisationId), q).await?)
                    .add(areas::service::called(&asker.db, (Entity, Column::VillageCode), q).await?),
            );
        }
        Ok(select)
    }

    fn order(sort: RankingSort) -> By<Row> {
        match sort {
            RankingSort::UpdatedAt => by(Column::UpdatedAt, |row| row.updated_at.into()),
            RankingSort::Name => By { column: name(), key: |row| (&row.name).into() },
        }
    }

    async fn list(asker: &Asker<'_>, query: &RankingQuery) -> Result<Page<Ranking>> {
        let select = Self::filtered(asker, query).await?;
        let page = list::page(&asker.db, Self::named(select), query, Self::order).await?;
        let mut page = list::map(page, |row| Self::shown(asker, row));
        complete(asker, &mut page.items).await?;
        Ok(page)
    }

    async fn each(
        app: &App,
        caller: &Caller,
        query: &RankingQuery,
        mut take: impl AsyncFnMut(Vec<Ranking>) -> Result<()>,
    ) -> Result<()> {
        let then = snapshot(&app.database.read).await?;
        let asker = Asker { db: (&then).into(), ..Asker::of(app, caller) };
        let select = Self::named(Self::filtered(&asker, query).await?);
        let shown = async |rows: Vec<Row>| {
            let mut shown: Vec<_> = rows.into_iter().map(|row| Self::shown(&asker, row)).collect();
            complete(&asker, &mut shown).await?;
            take(shown).await
        };
        list::batches(&then, select, query, Self::order, shown).await?;
        drop(asker);
        Ok(then.commit().await?)
    }
}

/// Adds whom rankings name. Takes one statement.
async fn complete(asker: &Asker<'_>, shown: &mut [Ranking]) -> Result<()> {
    if shown.is_empty() {
        return Ok(());
    }
    let mut choices: HashMap<Uuid, Vec<RankedChoice>> = HashMap::new();
    for (id, choice) in rankings::choices(&asker.db, shown.iter().map(|ranking| ranking.id)).await? {
        choices.entry(id).or_default().push(choice);
    }
    for ranking in shown {
        ranking.choices = choices.remove(&ranking.id).unwrap_or_default();
        ranking.details.ranked = ranking.choices.iter().map(rankings::ranked).collect();
    }
    Ok(())
}

/// Whether a caller writes a ranking of this side. A town writes what it has ranked for a village itself.
fn writes(caller: &Caller, row: &Row) -> bool {
    let kind = if row.village_code.is_some() { EnrolmentKind::Village } else { EnrolmentKind::Organisation };
    caller.may(Permission::WriteRankings)
        && policy::ranks(caller.role, kind)
        && scope::owns(caller, &row.area_code, row.organisation_id)
        && (caller.role != Role::Town || row.on_behalf_reason.is_some())
}
