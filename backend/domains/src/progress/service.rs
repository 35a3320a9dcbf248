//! How the progress of a month is written down.

use contract::audit::{HistoryEntry, HistoryQuery};
use contract::pairings::PairingKind;
use contract::progress::{ProgressQuery, ProgressSort, ProgressTextInput, ProgressUpdate, ProgressUpdateInput};
use contract::reports::ReportState;
use contract::{ErrorCode, Month, Page, Permission};
use entities::progress::{ActiveModel, Column, Entity, OBJECT, Relation, Row};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::{Code, Written};
use platform::error::OnUnique;
use platform::list::{self, Key};
use platform::search::Searched;
use platform::{Caller, Patch, Result, Tx, area};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, JoinType, QuerySelect, RelationTrait, Select};

use super::policy::{self, Facts};
use crate::areas;
use crate::campaigns;
use crate::organisations;
use crate::pairings;

const TEXTS: Searched = Searched { table: "progress_updates", key: "id", texts: &["content", "progress"] };

/// What a row shows besides.
fn named(select: Select<Entity>) -> Select<Entity> {
    names::on_pairing(select).join(JoinType::LeftJoin, accepted_form())
}

/// From an update of a pairing in the campaign to the accepted form it went into: at most one.
fn accepted_form() -> RelationDef {
    use entities::pairings as pairing;
    use entities::reports as report;
    let same_form = |_, _| {
        Condition::all()
            .add(Expr::col((report::Entity, report::Column::CampaignId)).equals((pairing::Entity, pairing::Column::CampaignId)))
            .add(Expr::col((report::Entity, report::Column::TownCode)).equals(("town", entities::areas::Column::Code)))
            .add(report::Column::State.eq(Code(ReportState::Accepted)))
    };
    Relation::Form.def().on_condition(same_form)
}

fn shown(caller: &Caller, row: Row) -> ProgressUpdate {
    let editable = caller.may(Permission::WriteProgress) && !row.closed;
    row.into_update(editable)
}

/// The progress updates that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &ProgressQuery) -> Result<Select<Entity>> {
    use entities::pairings as pairing;
    let mut select = scope::progress(caller);
    if let Some(id) = query.campaign_id {
        select = select.filter(pairing::Column::CampaignId.eq(id));
    }
    if let Some(id) = query.pairing_id {
        select = select.filter(Column::PairingId.eq(id));
    }
    if let Some(month) = query.month {
        select = select.filter(Column::Month.eq(Written(month)));
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(
            Condition::any()
                .add(organisations::service::called(db, (pairing::Entity, pairing::Column::OrganisationId), q).await?)
                .add(areas::service::called(db, (pairing::Entity, pairing::Column::VillageCode), q).await?)
                .add(TEXTS.contain(db, (Entity, Column::Id), q).await?),
        );
    }
    Ok(select)
}

fn order(sort: ProgressSort) -> Expr {
    match sort {
        ProgressSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
        ProgressSort::Month => list::column((Entity, Column::Month)),
        ProgressSort::VillageCode => list::column((Entity, Column::VillageCode)),
    }
}

fn keys(row: &Row, sort: ProgressSort) -> (Key, Key) {
    let key = match sort {
        ProgressSort::UpdatedAt => Key::Instant(row.updated_at),
        ProgressSort::Month => Key::Text(row.month.0.to_string()),
        ProgressSort::VillageCode => Key::Text(row.village_code.clone()),
    };
    (key, Key::Id(row.id))
}

/// Lists progress updates.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &ProgressQuery) -> Result<Page<ProgressUpdate>> {
    let page = list::page_of(db, filtered(db, caller, query).await?, named, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, row)))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &ProgressQuery,
    mut take: impl AsyncFnMut(Vec<ProgressUpdate>) -> Result<()>,
) -> Result<()> {
    let select = named(filtered(db, caller, query).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, row)).collect()).await
    })
    .await
}

/// Refuses to change what an accepted form of a month was made of.
async fn check_open(tx: &Tx, campaign_id: Uuid, town_code: &str, month: Month) -> Result<()> {
    let closed = entities::reports::is_closed(tx, campaign_id, town_code, month).await?;
    if closed { Err(ErrorCode::MonthClosed.into()) } else { Ok(()) }
}

async fn row(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<Row> {
    let row = named(scope::progress(caller)).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    row.ok_or_else(|| ErrorCode::NotFound.into())
}

/// One progress update.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<ProgressUpdate> {
    Ok(shown(caller, row(db, caller, id).await?))
}

/// How many progress updates of a campaign there are of each month, of those that a caller may see.
///
/// # Errors
/// What the database says.
pub async fn count_by_month(
    db: &impl ConnectionTrait,
    caller: &Caller,
    campaign_id: Uuid,
    area_code: Option<&str>,
) -> Result<Vec<(Month, i64)>> {
    use entities::pairings as pairing;
    let mut select = Entity::find()
        .select_only()
        .column(Column::Month)
        .column_as(Column::Id.count(), "updates")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(caller))
        .filter(pairing::Column::CampaignId.eq(campaign_id))
        .group_by(Column::Month);
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    let counts: Vec<(Written<Month>, i64)> = select.into_tuple().all(db).await?;
    Ok(counts.into_iter().map(|(month, count)| (month.0, count)).collect())
}

/// Writes down what happened on a pairing in a month.
///
/// # Errors
/// `validation_failed`, `pairing_not_active`, `progress_exists`, `month_closed`.
pub async fn create(tx: &Tx, input: ProgressUpdateInput) -> Result<ProgressUpdate> {
    let caller = tx.caller()?;
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.connection, caller, pairing.campaign_id, tx.today(), "/pairing_id").await?;
    let facts = Facts {
        today: tx.today(),
        campaign_starts_on: campaign.details.starts_on,
        campaign_ends_on: campaign.details.ends_on,
        active_since: pairing.active_since,
        ended_on: pairing.ended_on,
    };
    policy::check_month(&facts, input.month)?;
    check_open(tx, pairing.campaign_id, &pairing.town_code, input.month).await?;
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        pairing_id: Set(pairing.id),
        village_code: Set(pairing.village_code.clone()),
        month: Set(Written(input.month)),
        content: Set(input.content),
        progress: Set(input.progress),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::ProgressExists)?;
    let made = read(&tx.connection, caller, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Changes what was written.
///
/// # Errors
/// `not_found`, `stale_version`, `validation_failed`, `month_closed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<ProgressUpdate> {
    let caller = tx.caller()?;
    let before = row(&tx.connection, caller, id).await?;
    tx.check_version(before.version)?;
    check_open(tx, before.campaign_id, &before.town_code, before.month.0).await?;
    let text = before.text();
    let input: ProgressTextInput = patch.apply(&text)?;
    let columns =
        ActiveModel { content: Set(input.content.clone()), progress: Set(input.progress.clone()), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    tx.record(Event::of(OBJECT, id, "update"), &text, &input).await?;
    read(&tx.connection, caller, id).await
}

/// The history of a progress update.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(db: &DatabaseConnection, caller: &Caller, id: Uuid, query: HistoryQuery) -> Result<Page<HistoryEntry>> {
    let row = row(db, caller, id).await?;
    audit::history(db, OBJECT, row.id.to_string(), query).await
}
