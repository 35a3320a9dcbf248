//! What can be asked of the audit trail.

use chrono::Days;
use contract::audit::{AuditBlock, AuditBlockQuery, AuditEvent, AuditOutcome, AuditProof, AuditQuery, AuditSort};
use contract::{ErrorCode, Page};
use entities::audit::{self as blocks, Row as Block};
use entities::scope;
use platform::audit::{Column, Entity, Row, shown as word};
use platform::clock::first_instant;
use platform::coded::Code;
use platform::list::{self, Key};
use platform::{App, Caller, Result};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Select};

use super::verify;

/// Name in the history: an export of the trail is in the trail.
pub const OBJECT: &str = "audit_events";

fn filtered(caller: &Caller, query: &AuditQuery) -> Select<Entity> {
    let mut select = scope::audit(caller);
    if let Some(id) = query.actor_id {
        select = select.filter(Column::ActorId.eq(id));
    }
    if let Some(role) = query.actor_role {
        select = select.filter(Column::ActorRole.eq(Code(role)));
    }
    if let Some(kind) = &query.object_type {
        select = select.filter(Column::ObjectType.eq(kind));
    }
    if let Some(id) = &query.object_id {
        select = select.filter(Column::ObjectId.eq(id));
    }
    if let Some(action) = &query.action {
        select = select.filter(Column::Action.eq(action));
    }
    if let Some(outcome) = query.outcome {
        select = select.filter(Column::Outcome.eq(Code(outcome)));
    }
    if let Some(day) = query.since {
        select = select.filter(Column::At.gte(first_instant(day)));
    }
    if let Some(day) = query.until {
        select = select.filter(Column::At.lt(first_instant(day + Days::new(1))));
    }
    if let Some(id) = &query.request_id {
        select = select.filter(Column::RequestId.eq(id));
    }
    if let Some(block) = query.block {
        select = select.filter(Column::Block.eq(block));
    }
    if let Some(q) = &query.q {
        select = select.filter(list::contains((Entity, Column::ActorName), q));
    }
    select
}

fn keys(row: &Row, _: AuditSort) -> (Key, Key) {
    (Key::Instant(row.at()), Key::Id(row.id()))
}

/// Lists events.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(app: &App, caller: &Caller, query: &AuditQuery) -> Result<Page<AuditEvent>> {
    let (db, order) = (&app.database.read, |_| list::column((Entity, Column::At)));
    let page = list::page(db, filtered(caller, query), query, (Entity, Column::Id), order, keys).await?;
    let Page { items, next_cursor, total, total_capped } = page;
    Ok(Page { items: shown(db, app, items).await?, next_cursor, total, total_capped })
}

/// Events with what is to be said of each.
async fn shown(db: &impl ConnectionTrait, app: &App, rows: Vec<Row>) -> Result<Vec<AuditEvent>> {
    let proofs = verify::proofs(db, app, &rows).await?;
    let event = |(row, proof): (Row, AuditProof)| AuditEvent {
        actor_id: row.actor_id.known(),
        object_type: word(row.object_type.clone()),
        object_id: word(row.object_id.clone()),
        outcome: row.outcome.0.map_or(AuditOutcome::Done, |code| code.0),
        address: row.address.clone().known(),
        request_id: row.request_id.clone().known(),
        block: row.block.known().filter(|block| *block > 0),
        proof,
        entry: row.into(),
    };
    Ok(rows.into_iter().zip(proofs).map(event).collect())
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    app: &App,
    caller: &Caller,
    query: &AuditQuery,
    mut take: impl AsyncFnMut(Vec<AuditEvent>) -> Result<()>,
) -> Result<()> {
    let order = |_| list::column((Entity, Column::At));
    let take = async |db: &DatabaseTransaction, rows: Vec<Row>| take(shown(db, app, rows).await?).await;
    list::each(&app.database.read, filtered(caller, query), query, (Entity, Column::Id), order, keys, take).await
}

/// One event.
///
/// # Errors
/// `not_found` outside of the caller's area.
pub async fn read(app: &App, caller: &Caller, id: Uuid) -> Result<AuditEvent> {
    let db = &app.database.read;
    let event = scope::audit(caller).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    shown(db, app, vec![event.ok_or(ErrorCode::NotFound)?]).await?.pop().ok_or_else(|| ErrorCode::NotFound.into())
}

/// Lists the blocks that seal the trail.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn blocks(app: &App, query: AuditBlockQuery) -> Result<Page<AuditBlock>> {
    let number = (blocks::Entity, blocks::Column::Number);
    let keys = |row: &Block, _| (Key::Number(row.number.into()), Key::Number(row.number.into()));
    let page = list::page(&app.database.read, blocks::Entity::find(), &query, number, |_| list::column(number), keys).await?;
    Ok(list::map(page, |row: Block| {
        if !row.is_legible() {
            tracing::error!(table = "audit_blocks", number = row.number, "a block of the audit trail cannot be read");
        }
        row.shown(&app.tokens)
    }))
}
