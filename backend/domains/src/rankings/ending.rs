//! Rankings close by themselves with their deadline, and follow a village into the one that replaces it.

use contract::campaigns::rankings_due;
use contract::rankings::{RankedChoice, RankingState};
use entities::campaigns;
use entities::rankings::{self, ActiveModel, Column, Entity, OBJECT, choice};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::object::locked;
use platform::{Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, QuerySelect, QueryTrait};
use serde_json::{Value, json};
use std::collections::HashMap;

use super::policy;
use crate::areas::succession::Succeeding;

/// How many are closed at once. The rest waits for the next time.
const AT_ONCE: u64 = 1_000;

/// Closes the rankings whose deadline is over, so that the area sees them, and records whom each names. Returns how many.
pub async fn close(tx: &Tx) -> Result<u64> {
    let open = || Entity::find().filter(Column::State.eq(Code(RankingState::Open)));
    let of_open = open().select_only().column(Column::CampaignId).into_query();
    let running = campaigns::Entity::find().filter(campaigns::Column::Id.in_subquery(of_open)).all(&tx.connection).await?;
    let over = running.into_iter().filter(|campaign| {
        let due_on = rankings_due(&campaign.settings.0, &campaign.milestones.0, campaign.ends_on);
        !policy::is_open(due_on, tx.today())
    });
    let over: Vec<_> = over.map(|campaign| campaign.id).collect();
    if over.is_empty() {
        return Ok(0);
    }
    let due = locked(open().filter(Column::CampaignId.is_in(over)).limit(AT_ONCE), Column::Id).all(&tx.connection).await?;
    let mut named: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for (id, RankedChoice { village_code, organisation_id, .. }) in
        rankings::choices(&tx.connection, due.iter().map(|row| row.id)).await?
    {
        named.entry(id).or_default().push(village_code.map_or_else(|| json!(organisation_id), Value::String));
    }
    let mut entries = Vec::new();
    for row in &due {
        let columns = ActiveModel { state: Set(Code(RankingState::Closed)), ..Default::default() };
        tx.write::<Entity>(row.id, row.version, columns).await?;
        let after = json!({ "state": RankingState::Closed, "ranked": named.remove(&row.id).unwrap_or_default() });
        entries.push(tx.entry(Event::of(OBJECT, row.id, "close_ranking"), &json!({ "state": RankingState::Open }), &after));
    }
    audit::record_all(tx, entries).await?;
    Ok(due.len() as u64)
}

/// Lets what a village has ranked, and what others have ranked it, follow into the one that replaces it, unless that has its own.
/// Returns how many rankings of its own do.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<u64> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let of = |code: &str| Entity::find().filter(Column::VillageCode.eq(code));
    let theirs = of(to).select_only().column(Column::CampaignId).into_query();
    let own = locked(of(from).filter(Column::CampaignId.not_in_subquery(theirs)), Column::Id).all(&tx.connection).await?;
    if dry_run {
        return Ok(own.len() as u64);
    }
    for row in &own {
        let columns = ActiveModel { village_code: Set(Some(to.to_owned())), area_code: Set(to.to_owned()), ..Default::default() };
        tx.write::<Entity>(row.id, row.version, columns).await?;
        let (before, after) = (json!({ "village_code": from }), json!({ "village_code": to }));
        tx.record(Event::of(OBJECT, row.id, crate::areas::succession::FOLLOWED), &before, &after).await?;
    }
    let both = choice::Entity::find().select_only().column(choice::Column::RankingId);
    let both: Vec<Uuid> = both.filter(choice::Column::RankedVillage.eq(to)).into_tuple().all(&tx.connection).await?;
    let named = || choice::Column::RankedVillage.eq(from);
    choice::Entity::update_many()
        .col_expr(choice::Column::RankedVillage, Expr::value(to))
        .filter(named().and(choice::Column::RankingId.is_not_in(both)))
        .exec(&tx.connection)
        .await?;
    choice::Entity::delete_many().filter(named()).exec(&tx.connection).await?;
    Ok(own.len() as u64)
}
