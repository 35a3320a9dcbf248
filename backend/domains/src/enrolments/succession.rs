//! Another village replaces one, and takes part in its campaigns.

use contract::enrolments::EnrolmentState;
use contract::villages::{SuccessionConflict, SuccessionConflictKind};
use entities::campaigns;
use entities::enrolments::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::object::locked;
use platform::{Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use serde_json::json;

use crate::areas::succession::{FOLLOWED, Succeeding};

/// The states of whoever takes part, or asks to.
const LIVE: &[EnrolmentState] = &[EnrolmentState::Applied, EnrolmentState::Nominated, EnrolmentState::Confirmed];

/// Lets what a village has entered follow in the campaigns that are not over. Where both have entered, the confirmed one stays, else that
/// of the village that goes on; the other one is withdrawn. Returns how many follow, and where both have entered.
pub async fn follow(succeeding: &Succeeding<'_>) -> Result<(u64, Vec<SuccessionConflict>)> {
    let Succeeding { tx, from, to, dry_run } = *succeeding;
    let running = campaigns::Entity::find().filter(campaigns::Column::EndsOn.gte(tx.today()));
    let running = running.select_only().columns([campaigns::Column::Id, campaigns::Column::Title]);
    let running: Vec<(Uuid, String)> = running.into_tuple().all(&tx.connection).await?;
    let entered = Entity::find()
        .filter(Column::VillageCode.is_in([from, to]))
        .filter(Column::State.is_in(codes(LIVE)))
        .filter(Column::CampaignId.is_in(running.iter().map(|(id, _)| *id)));
    let entered = locked(entered, Column::Id).all(&tx.connection).await?;
    let (here, there): (Vec<_>, Vec<_>) = entered.into_iter().partition(|row| row.village_code.as_deref() == Some(from));
    let (mut following, mut conflicts) = (Vec::new(), Vec::new());
    for own in here {
        let other = there.iter().find(|other| other.campaign_id == own.campaign_id);
        let is_confirmed = |row: &Model| row.state.0 == EnrolmentState::Confirmed;
        let stays = other.is_none_or(|other| is_confirmed(&own) && !is_confirmed(other));
        if let Some(other) = other {
            let title = running.iter().find(|(id, _)| *id == own.campaign_id).map(|(_, title)| title.clone());
            conflicts.push(SuccessionConflict {
                kind: SuccessionConflictKind::EnrolledTwice,
                id: own.id,
                campaign_title: title.unwrap_or_default(),
                organisation_name: None,
            });
            if !dry_run {
                withdraw(tx, if stays { other } else { &own }).await?;
            }
        }
        if stays {
            following.push(own);
        }
    }
    if !dry_run {
        for row in &following {
            let columns =
                ActiveModel { village_code: Set(Some(to.to_owned())), area_code: Set(to.to_owned()), ..Default::default() };
            tx.write::<Entity>(row.id, row.version, columns).await?;
            let (before, after) = (json!({ "village_code": from }), json!({ "village_code": to }));
            tx.record(Event::of(OBJECT, row.id, FOLLOWED), &before, &after).await?;
        }
    }
    Ok((following.len() as u64, conflicts))
}

async fn withdraw(tx: &Tx, row: &Model) -> Result<()> {
    let columns = ActiveModel { state: Set(Code(EnrolmentState::Withdrawn)), ..Default::default() };
    tx.write::<Entity>(row.id, row.version, columns).await?;
    let (before, after) = (json!({ "state": row.state.0 }), json!({ "state": EnrolmentState::Withdrawn }));
    tx.record(Event::of(OBJECT, row.id, FOLLOWED), &before, &after).await
}
