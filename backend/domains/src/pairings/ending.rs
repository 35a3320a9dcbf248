//! Ends pairings without a step of their own: what they depend on has ended, or nobody answered in time.

use contract::pairings::{Pairing, PairingKind, PairingState};
use entities::names;
use entities::pairings::{ActiveModel, Column, Entity, OBJECT, Row};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::{Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use super::policy;
use super::service::{state_columns, write};

/// Ends the pairings with households that depended on a pairing with their village, in the same way. They do not get its reason,
/// because text about a village may name a family.
pub async fn fall_with(tx: &Tx, ground: &Row, ended_as: PairingState) -> Result<()> {
    let on_it = Condition::all()
        .add(Column::CampaignId.eq(ground.campaign_id))
        .add(Column::OrganisationId.eq(ground.organisation_id))
        .add(Column::VillageCode.eq(&ground.village_code))
        .add(Column::Kind.eq(Code(PairingKind::Household)));
    fall(tx, on_it, ended_as, "fall_with_village").await.map(drop)
}

/// Ends the pairings of a household whose family has withdrawn its consent (个人信息保护法第十五条), or that has left or moved. The history
/// calls this `action`. Help given until then stays recorded.
pub async fn end_of_household(tx: &Tx, household_id: Uuid, action: &str) -> Result<()> {
    fall(tx, Condition::all().add(Column::HouseholdId.eq(household_id)), PairingState::Terminated, action).await.map(drop)
}

/// Ends the pairings of an organisation that has ended, and returns them. They do not pass to its successor: nobody agrees for
/// another (自愿), a family's file is open only to those whom its village has chosen, and help keeps the name of the giver. The
/// successor needs new pairings.
pub async fn end_of_organisation(tx: &Tx, organisation_id: Uuid) -> Result<Vec<Uuid>> {
    let with_it = Condition::all().add(Column::OrganisationId.eq(organisation_id));
    fall(tx, with_it, PairingState::Terminated, "organisation_ended").await
}

async fn fall(tx: &Tx, which: Condition, ended_as: PairingState, action: &str) -> Result<Vec<Uuid>> {
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(which)
        .filter(Column::State.is_in(codes(PairingState::LIVE)))
        .order_by_asc(Column::Id);
    let ids: Vec<Uuid> = live.into_tuple().all(&tx.connection).await?;
    let mut ended = Vec::new();
    for id in ids {
        tx.hold::<Entity>(id).await?;
        let before =
            names::pairings(Entity::find()).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(&tx.connection).await?;
        let Some((before, state)) = before.and_then(|row| policy::fallen(row.state.0, ended_as).map(|state| (row, state))) else {
            continue;
        };
        write(tx, &before, state_columns(tx, state)).await?;
        let before = before.into_pairing(Vec::new());
        let after = Pairing { state, ended_on: state_columns(tx, state).ended_on.take().flatten(), ..before.clone() };
        tx.record(Event::of(OBJECT, id, action), &before, &after).await?;
        ended.push(id);
    }
    Ok(ended)
}

/// Marks proposals as expired that nobody answered in time. Returns how many.
pub async fn expire(tx: &Tx) -> Result<usize> {
    let due = names::pairings(Entity::find())
        .filter(Column::State.eq(Code(PairingState::Proposed)))
        .filter(Column::AnswerDueOn.lt(tx.today()))
        .limit(1_000)
        .into_partial_model::<Row>()
        .all(&tx.connection)
        .await?;
    for before in &due {
        write(tx, before, ActiveModel { state: Set(Code(PairingState::Expired)), ..Default::default() }).await?;
        let before = before.clone().into_pairing(Vec::new());
        let after = Pairing { state: PairingState::Expired, ..before.clone() };
        tx.record(Event::of(OBJECT, before.id, "expire"), &before, &after).await?;
    }
    Ok(due.len())
}
