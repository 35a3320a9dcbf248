//! Counts what is to be published.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use contract::assistance::{AidKind, RecordState};
use contract::campaigns::{Campaign, Goal, Indicator};
use contract::outcomes::OutcomeState;
use contract::projects::ProjectState;
use contract::publications::PublicTable;
use contract::{CodedEnum, Lang, Month};
use entities::publications::Count;
use entities::{assistance, outcomes, pairings, projects, scope};
use platform::coded::{Code, codes};
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SimpleExpr};
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use crate::areas;

/// The states of a project to which both sides and the bureau have agreed.
const AGREED: &[ProjectState] =
    &[ProjectState::Approved, ProjectState::InProgress, ProjectState::Completed, ProjectState::Accepted, ProjectState::Suspended];

/// What is counted of a campaign.
#[derive(Debug)]
pub struct Counted {
    /// Of each table: the sum of all, then the towns by code, each with its columns.
    pub counts: Vec<Count>,
    /// The names of the areas, by code.
    pub names: HashMap<String, String>,
}

/// Numbers by town and column. A town has an entry without a column as well: how many families are behind its numbers, where one may
/// be counted in several columns.
type ByTown = BTreeMap<(String, Option<&'static str>), i64>;

/// Counts all that belongs to a campaign until the end of a month. Takes six statements. The towns are those that have a pairing by
/// then.
pub async fn count(asker: &Asker<'_>, campaign: &Campaign, month: Month) -> Result<Counted> {
    let until = month.last_day();
    let tables = [
        (PublicTable::Pairings, pairings(asker, campaign.id, until).await?),
        (PublicTable::Projects, projects(asker, campaign.id, until).await?),
        (PublicTable::Outcomes, outcomes(asker, campaign.id, until).await?),
        (PublicTable::Households, households(asker, campaign.id, until).await?),
    ];
    let towns: BTreeSet<String> = tables.iter().flat_map(|(_, table)| table.keys()).map(|(town, _)| town.clone()).collect();
    let whole = campaign.details.area_code.as_str();
    let names: HashSet<&str> = towns.iter().map(String::as_str).chain([whole]).collect();
    let names = areas::service::names(&asker.db, names).await?;
    let counts = tables.iter().flat_map(|(table, numbers)| figures(*table, numbers, &towns, whole)).collect();
    Ok(Counted { counts, names })
}

/// The figures of a table: sums and cells.
fn figures(table: PublicTable, numbers: &ByTown, towns: &BTreeSet<String>, whole: &str) -> Vec<Count> {
    let columns: Vec<_> = table.columns(Lang::En).into_iter().map(|(code, _)| code).collect();
    let of = |town: &str, column: Option<&'static str>| numbers.get(&(town.to_owned(), column)).copied().unwrap_or_default();
    let value = |town: &str, column: Option<&'static str>| match column {
        None if !columns.is_empty() => columns.iter().map(|column| of(town, Some(column))).sum(),
        column => of(town, column),
    };
    let sum = |column| towns.iter().map(|town| value(town, column)).sum::<i64>();
    let behind = |town: &str, column| if table.counts_families() { of(town, column) } else { value(town, column) };
    let all_behind = |column| towns.iter().map(|town| behind(town, column)).sum::<i64>();
    let every: Vec<Option<&str>> = std::iter::once(None).chain(columns.iter().map(|&column| Some(column))).collect();
    let count = |area: &str, column: Option<&str>, value, behind| Count {
        table,
        area_code: area.to_owned(),
        column: column.map(str::to_owned),
        value,
        behind,
    };
    let whole_row = every.iter().map(|&column| count(whole, column, sum(column), all_behind(column)));
    let rows = towns.iter().flat_map(|town| every.iter().map(move |&column| (town, column)));
    whole_row.chain(rows.map(|(town, column)| count(town, column, value(town, column), behind(town, column)))).collect()
}

/// The town of a village code, which is the first column that each statement selects.
fn town(column: impl sea_orm::sea_query::IntoColumnRef) -> SimpleExpr {
    Func::cust("substr").args([Expr::col(column), 1.into(), 9.into()]).into()
}

/// Rows of a table by town and something else. By position: PostgreSQL takes two equal expressions with bound values for different
/// ones.
fn by_town<E: EntityTrait>(select: Select<E>, village: impl sea_orm::sea_query::IntoColumnRef) -> Select<E> {
    select.select_only().column_as(town(village), "town").group_by(Expr::cust("1"))
}

/// The pairings of organisations with villages that have begun.
async fn pairings(asker: &Asker<'_>, campaign_id: Uuid, until: NaiveDate) -> Result<ByTown> {
    use pairings::{Column, Entity};
    let begun = Entity::find()
        .filter(scope::of_pairings(asker.caller))
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(pairings::with_village())
        .filter(Column::ActiveSince.lte(until));
    let select = by_town(begun, (Entity, Column::VillageCode)).column_as(Column::Id.count(), "number");
    let rows: Vec<(String, i64)> = select.into_tuple().all(&asker.db).await?;
    Ok(rows.into_iter().map(|(town, number)| ((town, None), number)).collect())
}

/// The projects that were agreed and have begun, by goal.
async fn projects(asker: &Asker<'_>, campaign_id: Uuid, until: NaiveDate) -> Result<ByTown> {
    use projects::{Column, Entity, Relation};
    let begun = Entity::find()
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(asker.caller))
        .filter(pairings::Column::CampaignId.eq(campaign_id))
        .filter(Column::State.is_in(codes(AGREED)))
        .filter(Column::StartsOn.lte(until));
    let select = by_town(begun, (Entity, Column::VillageCode)).column(Column::Goal).column_as(Column::Id.count(), "number");
    let rows: Vec<(String, Code<Goal>, i64)> = select.group_by(Column::Goal).into_tuple().all(&asker.db).await?;
    Ok(rows.into_iter().map(|(town, goal, number)| ((town, Some(goal.0.code())), number)).collect())
}

/// The confirmed results, by goal.
async fn outcomes(asker: &Asker<'_>, campaign_id: Uuid, until: NaiveDate) -> Result<ByTown> {
    use outcomes::{Column, Entity, Relation};
    let confirmed = Entity::find()
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(asker.caller))
        .filter(pairings::Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(OutcomeState::Confirmed)))
        .filter(Column::HappenedOn.lte(until));
    let select =
        by_town(confirmed, (Entity, Column::VillageCode)).column(Column::Indicator).column_as(Column::Id.count(), "number");
    let rows: Vec<(String, Code<Indicator>, i64)> = select.group_by(Column::Indicator).into_tuple().all(&asker.db).await?;
    let mut numbers = ByTown::new();
    for (town, indicator, number) in rows {
        *numbers.entry((town, Some(indicator.0.goal().code()))).or_default() += number;
    }
    Ok(numbers)
}

/// The households that were helped, by kind of help: each once under a kind, whatever it received how often. Takes two statements.
async fn households(asker: &Asker<'_>, campaign_id: Uuid, until: NaiveDate) -> Result<ByTown> {
    use assistance::{Column, Entity, Relation};
    let confirmed = Entity::find()
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_assistance(pairings::Entity, asker.caller))
        .filter(pairings::Column::CampaignId.eq(campaign_id))
        .filter(Column::State.eq(Code(RecordState::Confirmed)))
        .filter(Column::HappenedOn.lte(until));
    let families = || Expr::col((Entity, Column::HouseholdId)).count_distinct();
    let village = || (pairings::Entity, pairings::Column::VillageCode);
    let by_kind = by_town(confirmed.clone(), village()).column(Column::Kind).column_as(families(), "number");
    let by_kind: Vec<(String, Code<AidKind>, i64)> = by_kind.group_by(Column::Kind).into_tuple().all(&asker.db).await?;
    let in_all: Vec<(String, i64)> =
        by_town(confirmed, village()).column_as(families(), "number").into_tuple().all(&asker.db).await?;
    let by_kind = by_kind.into_iter().map(|(town, kind, number)| ((town, Some(kind.0.code())), number));
    Ok(by_kind.chain(in_all.into_iter().map(|(town, number)| ((town, None), number))).collect())
}
