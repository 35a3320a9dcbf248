//! Lists and reads the audit trail.

use std::collections::HashSet;

use chrono::Days;
use contract::audit::{AuditBlock, AuditBlockQuery, AuditEvent, AuditOutcome, AuditProof, AuditQuery, AuditSort, HistoryEntry};
use contract::{ErrorCode, Page, Permission};
use entities::audit::{self as blocks, Row as Block};
use entities::{pairings, scope};
use platform::audit::{Column, Entity, Row, legible};
use platform::clock::first_instant;
use platform::coded::Code;
use platform::list::{self, By, by};
use platform::object::Given;
use platform::{App, Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect, Select};

use super::{families, verify};

/// The name in the history. The trail records its own exports.
pub const OBJECT: &str = "audit_events";

fn filtered(caller: &Caller, query: &AuditQuery) -> Select<Entity> {
    scope::audit(caller)
        .given(query.actor_id, |id| Column::ActorId.eq(id))
        .given(query.actor_role, |role| Column::ActorRole.eq(Code(role)))
        .given(query.object_type.as_ref(), |kind| Column::ObjectType.eq(kind))
        .given(query.object_id.as_ref(), |id| Column::ObjectId.eq(id))
        .given(query.action.as_ref(), |action| Column::Action.eq(action))
        .given(query.outcome, |outcome| Column::Outcome.eq(Code(outcome)))
        .given(query.since, |day| Column::At.gte(first_instant(day)))
        .given(query.until, |day| Column::At.lt(first_instant(day + Days::new(1))))
        .given(query.request_id.as_ref(), |id| Column::RequestId.eq(id))
        .given(query.block, |block| Column::Block.eq(block))
        .given(query.q.as_ref(), |q| list::contains((Entity, Column::ActorName), q))
}

fn order(AuditSort::At: AuditSort) -> By<Row> {
    by(Column::At, |row| row.at().into())
}

/// Lists events.
///
/// # Errors
/// `bad_cursor`.
pub async fn list(app: &App, caller: &Caller, query: &AuditQuery) -> Result<Page<AuditEvent>> {
    let db = &app.database.read;
    let page = list::page(db, filtered(caller, query), query, order).await?;
    let Page { items, next_cursor, total, total_capped } = page;
    Ok(Page { items: shown(db, app, caller, items).await?, next_cursor, total, total_capped })
}

/// The pairings with villages among what some events are about.
async fn with_villages(db: &impl ConnectionTrait, rows: &[Row]) -> Result<HashSet<String>> {
    let of_pairings = rows.iter().filter(|row| row.object_type.0.as_deref() == Some(pairings::OBJECT));
    let ids: HashSet<Uuid> = of_pairings.filter_map(|row| row.object_id.0.as_ref()?.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found = pairings::Entity::find().filter(pairings::Column::Id.is_in(ids)).filter(pairings::with_village());
    let found: Vec<Uuid> = found.select_only().column(pairings::Column::Id).into_tuple().all(db).await?;
    Ok(found.into_iter().map(|id| id.to_string()).collect())
}

/// Converts events, with the proof of each.
async fn shown(db: &impl ConnectionTrait, app: &App, caller: &Caller, rows: Vec<Row>) -> Result<Vec<AuditEvent>> {
    let proofs = verify::proofs(db, app, &rows).await?;
    let reads_families = caller.may(Permission::ReadHouseholds);
    let with_villages = if reads_families { HashSet::new() } else { with_villages(db, &rows).await? };
    let entry = |row: Row| {
        let is_pairing = row.object_type.0.as_deref() == Some(pairings::OBJECT);
        let tells_of_family = is_pairing && row.object_id.0.as_ref().is_none_or(|id| !with_villages.contains(id));
        let mut entry = HistoryEntry::from(row);
        match (reads_families, tells_of_family) {
            (true, _) => {}
            // A pairing that is gone was one with a family that was forgotten.
            (false, true) => families::hide_pairing(&mut entry),
            (false, false) => families::hide(&mut entry),
        }
        entry
    };
    let event = |(row, proof): (Row, AuditProof)| AuditEvent {
        actor_id: row.actor_id.known(),
        object_type: legible(row.object_type.clone()),
        object_id: legible(row.object_id.clone()),
        outcome: row.outcome.0.map_or(AuditOutcome::Done, |code| code.0),
        address: row.address.clone().known(),
        request_id: row.request_id.clone().known(),
        block: row.block.known().filter(|block| *block > 0),
        proof,
        entry: entry(row),
    };
    Ok(rows.into_iter().zip(proofs).map(event).collect())
}

/// Passes all events of the list to `take`, in batches.
///
/// # Errors
/// Those of `take`.
pub async fn each(
    app: &App,
    caller: &Caller,
    query: &AuditQuery,
    mut take: impl AsyncFnMut(Vec<AuditEvent>) -> Result<()>,
) -> Result<()> {
    let take = async |db: &DatabaseTransaction, rows: Vec<Row>| take(shown(db, app, caller, rows).await?).await;
    list::each(&app.database.read, filtered(caller, query), query, order, take).await
}

/// One event.
///
/// # Errors
/// `not_found` outside the caller's area.
pub async fn read(app: &App, caller: &Caller, id: Uuid) -> Result<AuditEvent> {
    let db = &app.database.read;
    let event = scope::audit(caller).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    shown(db, app, caller, vec![event.ok_or(ErrorCode::NotFound)?]).await?.pop().ok_or_else(|| ErrorCode::NotFound.into())
}

/// Lists the blocks that seal the trail.
///
/// # Errors
/// `bad_cursor`.
pub async fn blocks(app: &App, query: AuditBlockQuery) -> Result<Page<AuditBlock>> {
    let order = |_| by(blocks::Column::Number, |row: &Block| row.number.into());
    let page = list::page(&app.database.read, blocks::Entity::find(), &query, order).await?;
    Ok(list::map(page, |row: Block| {
        if !row.is_legible() {
            tracing::error!(table = "audit_blocks", number = row.number, "a block of the audit trail cannot be read");
        }
        row.into_block(&app.tokens)
    }))
}
