//! What projects, pairings and assistance records take of entries.
//!
//! Whether that is asked for, committed or fulfilled follows from the state of whoever takes it (see the contract), so the amounts of an
//! entry always add up to its quantity. Entries are locked behind whoever takes of them and behind parties, in the order of their ids.

use std::collections::{BTreeSet, HashMap};

use contract::campaigns::Goal;
use contract::catalogue::Commitment;
use contract::pairings::PairingState;
use contract::{CodedEnum, ErrorCode, FieldError};
use entities::catalogue::{ActiveModel, Column, Entity, OBJECT, Standing, hold};
use entities::commitments::{self, Holder};
use entities::{pairings, scope};
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect, QueryTrait};
use serde_json::json;

use super::policy::{self, Balance};

/// Who takes something, and whose entries it can be of: needs of its village, and offers of its organisation.
#[derive(Clone, Copy, Debug)]
pub struct Taker<'a> {
    pub holder: Holder,
    /// None where a village helps its own families, whatever the campaign.
    pub campaign_id: Option<Uuid>,
    pub village_code: &'a str,
    pub organisation_id: Option<Uuid>,
    /// The goal that the entry must be for.
    pub goal: Option<Goal>,
    /// The confirmed record in whose place this one takes it.
    pub corrects_id: Option<Uuid>,
    /// Where a fault lies: in which of the commitments, and in which field of it.
    pub pointer: fn(usize, &str) -> String,
}

/// The pointer into a list of commitments.
pub fn listed(index: usize, field: &str) -> String {
    format!("/commitments/{index}/{field}")
}

/// Writes down what somebody takes, instead of what they took before. They must be locked.
///
/// What a pairing has reserved goes over to its projects and its help. What they give back falls to everybody.
///
/// # Errors
/// Faults of an entry that does not exist for the caller, that is of neither side, or that is not published any more, and of more
/// than remains.
pub async fn write(tx: &Tx, taker: Taker<'_>, wanted: &[Commitment]) -> Result<()> {
    let before = amounts(tx, taker.holder.holds()).await?;
    let ids: BTreeSet<Uuid> = before.keys().copied().chain(wanted.iter().map(|taken| taken.entry_id)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    hold(&tx.connection, ids.iter().copied()).await?;
    commitments::Entity::delete_many().filter(taker.holder.holds()).exec(&tx.connection).await?;
    let corrected = match taker.corrects_id {
        Some(id) => amounts(tx, Holder::Record(id).holds()).await?,
        None => HashMap::new(),
    };
    let of = |amounts: &HashMap<Uuid, i64>, entry_id: Uuid| amounts.get(&entry_id).copied().unwrap_or_default();
    let mut handed = HashMap::new();
    for reserved in reserved(tx, taker, &ids).await? {
        let id = reserved.entry_id;
        let Some(taken) = wanted.iter().find(|taken| taken.entry_id == id) else { continue };
        let goes_over = policy::goes_over(reserved.quantity, of(&before, id) + of(&corrected, id), taken.quantity);
        hand_over(tx, reserved, goes_over).await?;
        handed.insert(id, goes_over);
    }
    // What was theirs before they know, even if the entry was withdrawn since.
    let theirs: Vec<Uuid> = [&before, &corrected, &handed].into_iter().flat_map(HashMap::keys).copied().collect();
    let readable = scope::catalogue(tx.caller()?).select_only().column(Column::Id).into_query();
    let exists = Condition::any().add(Column::Id.is_in(theirs.iter().copied())).add(Column::Id.in_subquery(readable));
    let known = Entity::find().filter(Column::Id.is_in(ids)).filter(exists);
    let known = known.into_partial_model::<Standing>().all(&tx.connection).await?;
    let known: HashMap<_, _> = known.into_iter().map(|entry| (entry.id, entry)).collect();
    let mut faults = Vec::new();
    for (index, taken) in wanted.iter().enumerate() {
        let id = taken.entry_id;
        let is_theirs = theirs.contains(&id);
        let instead = of(&corrected, id);
        let fault = match known.get(&id) {
            None => Some(("entry_id", "unknown")),
            Some(entry) if !is_theirs && !fits(entry, taker) => Some(("entry_id", "not_of_pairing")),
            Some(entry) if taker.goal.is_some_and(|goal| goal != entry.goal.0) => Some(("entry_id", "other_goal")),
            Some(entry) => {
                let had = is_theirs.then_some(of(&before, id) + of(&handed, id) + instead);
                let others = balance(entry);
                policy::fault(entry.state.0, Balance { taken: others.taken - instead, ..others }, had, taken.quantity)
            }
        };
        faults.extend(fault.map(|(field, code)| FieldError::at((taker.pointer)(index, field), code)));
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    if !wanted.is_empty() {
        let rows = wanted.iter().map(|taken| taker.holder.takes(taken.entry_id, taken.quantity));
        commitments::Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}

async fn amounts(tx: &Tx, whose: Expr) -> Result<HashMap<Uuid, i64>> {
    let rows = commitments::Entity::find().filter(whose).all(&tx.connection).await?;
    Ok(rows.into_iter().map(|taken| (taken.entry_id, taken.quantity)).collect())
}

/// What the live pairing of the two sides has reserved of these entries.
async fn reserved(tx: &Tx, taker: Taker<'_>, ids: &BTreeSet<Uuid>) -> Result<Vec<commitments::Model>> {
    use pairings::Column as Pairing;
    let (Some(campaign), Some(organisation)) = (taker.campaign_id, taker.organisation_id) else { return Ok(Vec::new()) };
    if matches!(taker.holder, Holder::Pairing(_)) {
        return Ok(Vec::new());
    }
    let live = pairings::Entity::find()
        .select_only()
        .column(Pairing::Id)
        .filter(Pairing::CampaignId.eq(campaign))
        .filter(Pairing::OrganisationId.eq(organisation))
        .filter(Pairing::VillageCode.eq(taker.village_code))
        .filter(pairings::with_village())
        .filter(Pairing::State.is_in(codes(PairingState::LIVE)));
    Ok(commitments::Entity::find()
        .filter(commitments::Column::EntryId.is_in(ids.iter().copied()))
        .filter(commitments::Column::PairingId.in_subquery(live.into_query()))
        .all(&tx.connection)
        .await?)
}

/// Takes this much out of what a pairing has reserved.
async fn hand_over(tx: &Tx, reserved: commitments::Model, quantity: i64) -> Result<()> {
    let left = reserved.quantity - quantity;
    if left == 0 {
        reserved.delete(&tx.connection).await?;
    } else {
        let less = commitments::ActiveModel { id: Set(reserved.id), quantity: Set(left), ..Default::default() };
        commitments::Entity::update(less).exec(&tx.connection).await?;
    }
    Ok(())
}

fn fits(entry: &Standing, taker: Taker<'_>) -> bool {
    let of_village = entry.village_code.as_deref() == Some(taker.village_code);
    let of_organisation = entry.organisation_id.is_some() && entry.organisation_id == taker.organisation_id;
    taker.campaign_id.is_none_or(|id| id == entry.campaign_id) && (of_village || of_organisation)
}

fn balance(entry: &Standing) -> Balance {
    Balance { quantity: entry.quantity, taken: entry.taken, fulfilled: entry.fulfilled }
}

/// Marks those of the entries of these holders as fulfilled of which all is, and the others as published again.
///
/// # Errors
/// `entry_exceeded` if more is taken than there is: a correction counts when it is confirmed, and by then others may have taken what
/// it is to take more.
pub async fn settle_of(tx: &Tx, holders: impl IntoIterator<Item = Holder>) -> Result<()> {
    let whose = holders.into_iter().fold(Condition::any(), |any, holder| any.add(holder.holds()));
    let ids = commitments::Entity::find().filter(whose).select_only().column(commitments::Column::EntryId).distinct();
    settle(tx, ids.into_tuple().all(&tx.connection).await?).await
}

/// [`settle_of`] these entries.
///
/// # Errors
/// As there.
pub async fn settle(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    hold(&tx.connection, ids.iter().copied()).await?;
    let standings = Entity::find().filter(Column::Id.is_in(ids)).into_partial_model::<Standing>().all(&tx.connection).await?;
    for entry in standings {
        if balance(&entry).remaining() < 0 {
            return Err(ErrorCode::EntryExceeded.into());
        }
        let Some(step) = policy::settling(entry.state.0, balance(&entry)) else { continue };
        let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
        tx.write::<Entity>(entry.id, entry.version, columns).await?;
        let (before, after) = (json!({ "state": entry.state.0 }), json!({ "state": step.to }));
        tx.record(Event::of(OBJECT, entry.id, step.action.code()), &before, &after).await?;
    }
    Ok(())
}
