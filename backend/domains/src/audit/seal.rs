//! Seals the trail: events are put into numbered blocks, and each block is signed together with the digest of the previous block.
//!
//! A block stores the id and digest of each of its events, so that verification not only detects a change but names it. The
//! signed statement is a JWS of the block's number, time, entries and predecessor, under the key that signs access tokens. So
//! someone who can write to the database but has no key cannot change a sealed event undetected. The end of the chain is noted
//! beside the key ([`super::noted`]). Against someone who has both, the digest of a block noted elsewhere helps: `baishe audit
//! verify --head`. Events of the last minutes that are not sealed yet are proved individually ([`platform::audit::Proofs`]). Only
//! the removal of such an event goes undetected.

use contract::ErrorCode;
use entities::audit::{ActiveModel, Column, Entity, Row, statement};
use platform::audit::{self as events, StoredEvent};
use platform::error::OnUnique;
use platform::token::Tokens;
use platform::{App, Error, Result, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Value};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, FromQueryResult, PartialModelTrait, QueryOrder, QueryResult, QuerySelect, QueryTrait,
};

use super::noted;

/// The most events of a block.
pub const BLOCK: u64 = 1_000;

/// Stands for the predecessor of the first block.
const NOTHING: &str = "";
/// How many unproven events the log names. `baishe audit verify` names them all.
const TOLD: usize = 20;
const ID: usize = 16;
const ENTRY: usize = ID + 32;

/// The id and the digest of an event.
pub type Entry = (Uuid, [u8; 32]);

fn packed(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(|(id, digest)| id.as_bytes().iter().chain(digest)).copied().collect()
}

/// The entries of a block, if they are complete.
pub fn unpacked(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (entries, []) = bytes.as_chunks::<ENTRY>() else { return None };
    let entry = |bytes: &[u8; ENTRY]| Some((Uuid::from_slice(&bytes[..ID]).ok()?, bytes[ID..].try_into().ok()?));
    entries.iter().map(entry).collect()
}

/// Seals all waiting events, block by block. Returns how many. An event that the service did not write, or not in this form, is
/// logged and left as it is: in a block it would pass for genuine, and if it were marked, the case could never be resolved.
///
/// # Errors
/// `stale_version` if another process seals at the same moment.
pub async fn all(app: &App) -> Result<u64> {
    let (mut sealed, mut unproven) = (0, Vec::new());
    let mut after = Some(Value::from(Uuid::nil()));
    while let Some(last) = after {
        let tx = Tx::system(app).await?;
        let looked = next(&tx, app, last).await?;
        tx.commit().await?;
        sealed += looked.sealed;
        unproven.extend(looked.unproven);
        after = looked.last;
    }
    if !unproven.is_empty() {
        let (count, first) = (unproven.len(), &unproven[..unproven.len().min(TOLD)]);
        tracing::error!(
            count,
            events = first.join(", "),
            "events of the audit trail were not written by this service, or changed before they were sealed"
        );
    }
    noted::renew(app).await?;
    Ok(sealed)
}

/// The result for the next waiting events.
struct Looked {
    sealed: u64,
    unproven: Vec<String>,
    /// The id to continue from; `None` if nothing is left.
    last: Option<Value>,
}

/// Makes a block of the next waiting, proven events after an id. Events that are committed later go into a later block, whatever
/// their ids.
async fn next(tx: &Tx, app: &App, after: Value) -> Result<Looked> {
    let db = &tx.connection;
    let newest = newest(db).await?;
    let number = newest.as_ref().map_or(0, |block| block.number).checked_add(1);
    let number = number.ok_or_else(|| Error::internal("the audit trail has a block of the highest number there is"))?;
    let waiting = events::Entity::find()
        .select_only()
        .filter(events::Column::Block.is_null())
        .filter(Expr::col(events::Column::Id).gt(after))
        .order_by_asc(events::Column::Id)
        .limit(BLOCK)
        .lock_exclusive();
    let statement = StoredEvent::select_cols(waiting).into_query();
    let rows = db.query_all_raw(db.get_database_backend().build(&statement)).await?;
    // SQLite stores any bytes as an id.
    let id = |row: &QueryResult| {
        row.try_get::<Uuid>("", "id").map(Value::from).or_else(|_| row.try_get::<Vec<u8>>("", "id").map(Value::from))
    };
    let full = rows.len() as u64 == BLOCK;
    let last = rows.last().filter(|_| full).map(id).transpose()?;
    let (mut entries, mut unproven) = (Vec::new(), Vec::new());
    for row in &rows {
        match StoredEvent::from_query_result(row, "").ok().filter(|event| app.proofs.prove(event)) {
            Some(event) => entries.push((event.id, event.digest()?)),
            None => unproven.push(row.try_get::<Uuid>("", "id").map_or_else(|_| "?".to_owned(), |id| id.to_string())),
        }
    }
    let sealed = entries.len() as u64;
    if sealed > 0 {
        let ids = entries.iter().map(|(id, _)| *id);
        events::Entity::update_many()
            .col_expr(events::Column::Block, Expr::value(number))
            .filter(events::Column::Id.is_in(ids))
            .exec(db)
            .await?;
        let block = block_of(&app.tokens, number, tx.now, &entries, newest)?;
        // Of two processes that seal at once, the second finds the number taken.
        Entity::insert(block).exec_without_returning(db).await.on_unique(ErrorCode::StaleVersion)?;
    }
    Ok(Looked { sealed, unproven, last })
}

fn block_of(tokens: &Tokens, number: i32, now: DateTimeUtc, entries: &[Entry], previous: Option<Row>) -> Result<ActiveModel> {
    let events = i32::try_from(entries.len()).map_err(Error::internal)?;
    let entries = packed(entries);
    let previous = previous.map_or(NOTHING.to_owned(), |block| block.digest());
    let statement = Set(tokens.sign(&statement(number, now, events, &entries, previous))?);
    Ok(ActiveModel { number: Set(number), sealed_at: Set(now), events: Set(events), entries: Set(entries), statement })
}

/// The newest block. A number below 1 does not belong to the chain.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Row>> {
    let chain = Entity::find().filter(Column::Number.gt(0));
    Ok(chain.order_by_desc(Column::Number).into_partial_model::<Row>().one(db).await?)
}

/// The block with a number.
pub async fn block(db: &impl ConnectionTrait, number: i32) -> Result<Option<Row>> {
    Ok(Entity::find_by_id(number).into_partial_model::<Row>().one(db).await?)
}
