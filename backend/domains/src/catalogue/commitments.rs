//! What projects take of entries.
//!
//! Whether that is asked for, committed or fulfilled follows from the state of the project (see the contract), so the amounts of an
//! entry always add up to its quantity. Entries are locked behind projects and parties, in the order of their ids.

use std::collections::{BTreeSet, HashMap};

use contract::catalogue::{CatalogueEntryState, Commitment};
use contract::{CodedEnum, FieldError};
use entities::catalogue::{ActiveModel, Column, Entity, OBJECT, Standing, commitment, hold};
use entities::scope;
use platform::audit::Event;
use platform::coded::{Code, codes};
use platform::{Error, Result, Tx};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect, QueryTrait};
use serde_json::json;

use super::policy::{self, Balance};

/// The two sides of a pairing, and its campaign.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    pub campaign_id: Uuid,
    pub village_code: &'a str,
    pub organisation_id: Uuid,
}

/// Writes down what a project takes, instead of what it took before. The project must be locked.
///
/// # Errors
/// Faults below `/commitments`: an entry that does not exist for the caller, that is of neither side, or that is not published
/// any more, and more than remains.
pub async fn write(tx: &Tx, project_id: Uuid, sides: Sides<'_>, wanted: &[Commitment]) -> Result<()> {
    let of_project = || commitment::Column::ProjectId.eq(project_id);
    let before = commitment::Entity::find().filter(of_project()).all(&tx.connection).await?;
    let before: HashMap<Uuid, i64> = before.into_iter().map(|taken| (taken.entry_id, taken.quantity)).collect();
    let ids: BTreeSet<Uuid> = before.keys().copied().chain(wanted.iter().map(|taken| taken.entry_id)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    hold(&tx.connection, ids.iter().copied()).await?;
    commitment::Entity::delete_many().filter(of_project()).exec(&tx.connection).await?;
    // What the project took before is known to both sides, even if the entry was withdrawn since.
    let readable = scope::catalogue(tx.caller()?).select_only().column(Column::Id).into_query();
    let exists = Condition::any().add(Column::Id.is_in(before.keys().copied())).add(Column::Id.in_subquery(readable));
    let known = Entity::find().filter(Column::Id.is_in(ids)).filter(exists);
    let known = known.into_partial_model::<Standing>().all(&tx.connection).await?;
    let known: HashMap<_, _> = known.into_iter().map(|entry| (entry.id, entry)).collect();
    let mut faults = Vec::new();
    for (index, taken) in wanted.iter().enumerate() {
        let before = before.get(&taken.entry_id).copied();
        let fault = match known.get(&taken.entry_id) {
            None => Some(("entry_id", "unknown")),
            Some(entry) if before.is_none() && !fits(entry, sides) => Some(("entry_id", "not_of_pairing")),
            Some(entry) => policy::fault(entry.state.0, balance(entry), before, taken.quantity),
        };
        faults.extend(fault.map(|(field, code)| FieldError::at(format!("/commitments/{index}/{field}"), code)));
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    if !wanted.is_empty() {
        let rows = wanted.iter().map(|taken| commitment::ActiveModel {
            entry_id: Set(taken.entry_id),
            project_id: Set(project_id),
            quantity: Set(taken.quantity),
        });
        commitment::Entity::insert_many(rows).exec_without_returning(&tx.connection).await?;
    }
    Ok(())
}

fn fits(entry: &Standing, sides: Sides<'_>) -> bool {
    let of_village = entry.village_code.as_deref() == Some(sides.village_code);
    let of_organisation = entry.organisation_id == Some(sides.organisation_id);
    entry.campaign_id == sides.campaign_id && (of_village || of_organisation)
}

fn balance(entry: &Standing) -> Balance {
    Balance { quantity: entry.quantity, taken: entry.taken, fulfilled: entry.fulfilled }
}

/// Marks those of these entries as fulfilled of which projects have fulfilled all, and the others as published again.
pub async fn settle(tx: &Tx, ids: Vec<Uuid>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    hold(&tx.connection, ids.iter().copied()).await?;
    let standings = Entity::find()
        .filter(Column::Id.is_in(ids))
        .filter(Column::State.is_in(codes(CatalogueEntryState::PUBLIC)))
        .into_partial_model::<Standing>()
        .all(&tx.connection)
        .await?;
    for entry in standings {
        let Some(step) = policy::settling(entry.state.0, balance(&entry)) else { continue };
        let columns = ActiveModel { state: Set(Code(step.to)), ..Default::default() };
        tx.write::<Entity>(entry.id, entry.version, columns).await?;
        let (before, after) = (json!({ "state": entry.state.0 }), json!({ "state": step.to }));
        tx.record(Event::of(OBJECT, entry.id, step.action.code()), &before, &after).await?;
    }
    Ok(())
}
