//! Entries end by themselves: their months are over, or their village or organisation has ended.

use contract::Month;
use contract::catalogue::{CatalogueEntryAction, CatalogueEntryState};
use entities::campaigns;
use entities::catalogue::{ActiveModel, Column, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::{Code, Written, codes};
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use super::policy;
use crate::areas::succession::{FOLLOWED, Succeeding};

/// Marks published entries as expired whose last month, or whose campaign, is over. Returns how many. What projects take of them
/// stays theirs.
pub async fn expire(tx: &Tx) -> Result<u64> {
    let over = campaigns::Entity::find().filter(campaigns::Column::EndsOn.lt(tx.today()));
    let over = over.select_only().column(campaigns::Column::Id).into_query();
    let due = Entity::find()
        .filter(Column::State.eq(Code(CatalogueEntryState::Published)))
        .filter(
            Condition::any().add(Column::ToMonth.lt(Written(Month::of(tx.today())))).add(Column::CampaignId.in_subquery(over)),
        )
        .order_by_asc(Column::Id)
        .limit(1_000)
        .lock_exclusive()
        .all(&tx.connection)
        .await?;
    let count = due.len() as u64;
    for row in due {
        let Some(step) = policy::by_itself(row.state.0, CatalogueEntryAction::Expire) else { continue };
        end(tx, (row.id, row.version, row.state.0), step.to, "expire").await?;
    }
    Ok(count)
}

/// Withdraws what an organisation that has ended offers.
pub async fn withdraw_of_organisation(tx: &Tx, organisation_id: Uuid) -> Result<()> {
    let offers = Entity::find()
        .filter(Column::OrganisationId.eq(organisation_id))
        .filter(Column::State.is_in(codes(CatalogueEntryState::LIVE)))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(&tx.connection)
        .await?;
    for row in offers {
        end(tx, (row.id, row.version, row.state.0), CatalogueEntryState::Withdrawn, "organisation_ended").await?;
    }
    Ok(())
}

async fn end(
    tx: &Tx,
    (id, version, from): (Uuid, i32, CatalogueEntryState),
    to: CatalogueEntryState,
    action: &str,
) -> Result<()> {
    tx.write::<Entity>(id, version, ActiveModel { state: Set(Code(to)), ..Default::default() }).await?;
    tx.record(Event::of(OBJECT, id, action), &json!({ "state": from }), &json!({ "state": to })).await
}

/// Lets what a village needs follow into the one that replaces it. Returns how many entries do.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let needs = Entity::find()
        .filter(Column::VillageCode.eq(from))
        .filter(Column::State.is_in(codes(CatalogueEntryState::LIVE)))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(&tx.connection)
        .await?;
    if !dry_run {
        for row in &needs {
            let columns =
                ActiveModel { village_code: Set(Some(to.to_owned())), area_code: Set(to.to_owned()), ..Default::default() };
            tx.write::<Entity>(row.id, row.version, columns).await?;
            let (before, after) = (json!({ "village_code": from }), json!({ "village_code": to }));
            tx.record(Event::of(OBJECT, row.id, FOLLOWED), &before, &after).await?;
        }
    }
    Ok(needs.len() as u64)
}
