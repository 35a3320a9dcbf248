//! Another village replaces one, and goes on with its pairings.
//!
//! What an organisation and the village do together follows as a whole where they are paired: with the pairings with households, those
//! that ended included, because the forms tell of both together. What has ended stays with the village that it was with.

use std::collections::HashSet;

use contract::pairings::PairingState;
use contract::villages::{SuccessionConflict, SuccessionConflictKind};
use entities::names;
use entities::pairings::{Column, Entity, OBJECT, Row, with_village};
use platform::Result;
use platform::coded::codes;
use platform::object::locked;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{QueryOrder, QuerySelect};

use crate::areas::succession::Succeeding;

/// The most conflicts that are named.
const MOST: usize = 200;

/// The pairings that follow.
#[derive(Debug)]
pub struct Following {
    /// Those with the village itself, on which everything else rests.
    pub of_village: Vec<Uuid>,
    pub of_households: Vec<Uuid>,
    /// Organisations that both villages are paired with.
    pub conflicts: Vec<SuccessionConflict>,
}

/// Locks the pairings of a village, and says which of them follow.
pub async fn following(succeeding: &Succeeding<'_>) -> Result<Following> {
    let Succeeding { tx, from, to, .. } = *succeeding;
    let db = &tx.connection;
    // First those that others depend on, always in the same order.
    let both = Entity::find().filter(Column::VillageCode.is_in([from, to])).filter(with_village());
    locked(both, Column::Id).select_only().column(Column::Id).into_tuple::<Uuid>().all(db).await?;
    let live = names::pairings(Entity::find())
        .filter(Column::VillageCode.is_in([from, to]))
        .filter(with_village())
        .filter(Column::State.is_in(codes(PairingState::LIVE)))
        .order_by_asc(Column::Id);
    let live = live.into_partial_model::<Row>().all(db).await?;
    let (here, there): (Vec<_>, Vec<_>) = live.into_iter().partition(|row| row.own.village_code == from);
    let parties = |row: &Row| (row.own.campaign_id, row.own.organisation_id);
    let theirs: HashSet<_> = there.iter().map(parties).collect();
    let twice = here.iter().filter(|row| theirs.contains(&parties(row))).map(|row| SuccessionConflict {
        kind: SuccessionConflictKind::PairedTwice,
        id: row.own.id,
        campaign_title: row.campaign_title.clone(),
        organisation_name: Some(row.organisation_name.clone()),
    });
    let conflicts = twice.take(MOST).collect();
    let together: HashSet<_> = here.iter().map(parties).collect();
    let of_households = Entity::find()
        .select_only()
        .columns([Column::Id, Column::CampaignId, Column::OrganisationId])
        .filter(Column::VillageCode.eq(from))
        .filter(with_village().not())
        .order_by_asc(Column::Id)
        .into_tuple::<(Uuid, Uuid, Uuid)>()
        .all(db)
        .await?;
    let of_households =
        of_households.into_iter().filter(|(_, campaign, organisation)| together.contains(&(*campaign, *organisation)));
    Ok(Following {
        of_village: here.iter().map(|row| row.own.id).collect(),
        of_households: of_households.map(|(id, ..)| id).collect(),
        conflicts,
    })
}

/// Lets them follow, and returns how many they are.
pub async fn follow(succeeding: &Succeeding<'_>, following: &Following) -> Result<u64> {
    let ids = following.of_village.iter().chain(&following.of_households).copied();
    succeeding.objects::<Entity>(OBJECT, Column::VillageCode, Column::Id.is_in(ids)).await
}
