//! Records the progress of a month.

use contract::pairings::PairingKind;
use contract::progress::{ProgressTextInput, ProgressUpdate, ProgressUpdateInput};
use contract::{ErrorCode, Month};
use entities::progress::{ActiveModel, Column, Entity, OBJECT, Relation};
use entities::scope;
use platform::audit::Event;
use platform::coded::Written;
use platform::error::OnUnique;
use platform::object::Object;
use platform::{Asker, Patch, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, JoinType, QuerySelect, RelationTrait};

use super::list::ProgressUpdates;
use super::policy::{self, Facts};
use crate::campaigns;
use crate::pairings;

/// Refuses to change progress on which an accepted form is based.
async fn check_open(tx: &Tx, campaign_id: Uuid, town_code: &str, month: Month) -> Result<()> {
    let closed = entities::reports::is_closed(tx, campaign_id, town_code, month).await?;
    if closed { Err(ErrorCode::MonthClosed.into()) } else { Ok(()) }
}

/// The number of a campaign's progress updates in each month that a caller may see.
pub async fn count_by_month(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Vec<(Month, i64)>> {
    use entities::pairings as pairing;
    let mut select = Entity::find()
        .select_only()
        .column(Column::Month)
        .column_as(Column::Id.count(), "updates")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(asker.caller))
        .filter(pairing::Column::CampaignId.eq(campaign_id))
        .group_by(Column::Month);
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    let counts: Vec<(Written<Month>, i64)> = select.into_tuple().all(&asker.db).await?;
    Ok(counts.into_iter().map(|(month, count)| (month.0, count)).collect())
}

/// Records the progress of a pairing in a month.
///
/// # Errors
/// `validation_failed`, `pairing_not_active`, `progress_exists`, `month_closed`.
pub async fn create(tx: &Tx, input: ProgressUpdateInput) -> Result<ProgressUpdate> {
    let pairing = pairings::service::held(tx, PairingKind::Village, input.pairing_id, "/pairing_id").await?;
    let campaign = campaigns::service::named(&tx.asker()?, pairing.campaign_id, "/pairing_id").await?;
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
    let made = ProgressUpdates::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

/// Changes the text of an update.
///
/// # Errors
/// `not_found`, `stale_version`, `validation_failed`, `month_closed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<ProgressUpdate> {
    let before = ProgressUpdates::row(&tx.asker()?, id).await?;
    tx.check_version(before.version)?;
    check_open(tx, before.campaign_id, &before.town_code, before.month.0).await?;
    let text = before.text();
    let Some(input) = patch.changes::<ProgressTextInput>(&text)? else { return ProgressUpdates::read(&tx.asker()?, id).await };
    let columns =
        ActiveModel { content: Set(input.content.clone()), progress: Set(input.progress.clone()), ..Default::default() };
    tx.write::<Entity>(id, before.version, columns).await?;
    tx.record(Event::of(OBJECT, id, "update"), &text, &input).await?;
    ProgressUpdates::read(&tx.asker()?, id).await
}
