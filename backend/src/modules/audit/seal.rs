//! Sealing: events go into numbered blocks, each signed together with the digest of the block before.
//!
//! A block keeps the id and the digest of each of its events, so that a change is not only found but named. What is signed is a statement of
//! the block's number, time, entries and predecessor, a JWS under the key that signs access tokens: whoever can write the database but
//! does not have the key can change nothing that is sealed without its being found; the end of the chain is noted beside the key ([`super::noted`]).
//! Who has both is found by the digest of a block that was noted elsewhere: `baishe audit verify --head`. Nothing is known of what was never sealed (the
//! last minutes).

use std::fmt::Write;

use contract::ErrorCode;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DerivePartialModel, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::entity::{ActiveModel, Column, Entity, Row};
use super::noted;
use crate::platform::audit as events;
use crate::platform::error::OnUnique;
use crate::platform::token::Tokens;
use crate::platform::{App, Error, Result, Tx};

/// Events of a block at most.
pub const BLOCK: u64 = 1_000;
/// What the statements are for; no token has it.
const AUDIENCE: &str = "baishe-audit";
/// Stands for the block before the first.
const NOTHING: &str = "";
const ID: usize = 16;
const ENTRY: usize = ID + 32;

/// What is signed of a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    pub aud: String,
    pub number: i32,
    /// In microseconds since 1970.
    pub sealed_at: i64,
    pub events: i32,
    /// SHA-256 of the entries.
    pub entries: String,
    /// SHA-256 of the statement of the block before; empty for the first.
    pub previous: String,
}

/// The id and the digest of an event.
pub type Entry = (Uuid, [u8; 32]);

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An event as the database keeps it, code by code: also of a row that somebody has spoiled as much as possible can be read.
#[derive(Debug, DerivePartialModel, Serialize)]
#[sea_orm(entity = "events::Entity")]
pub struct Kept {
    pub id: Uuid,
    at: DateTimeUtc,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    actor_role: Option<String>,
    actor_area_code: Option<String>,
    on_behalf_reason: Option<String>,
    note: Option<String>,
    action: String,
    object_type: String,
    object_id: String,
    outcome: String,
    #[sea_orm(from_expr = "Expr::col((events::Entity, events::Column::Changes)).cast_as(\"text\")")]
    changes: String,
    address: Option<String>,
    request_id: Option<String>,
}

/// What a block keeps of an event: all but the number of the block goes into the digest.
///
/// # Errors
/// None for what comes from the database.
pub fn entry(event: &Kept) -> Result<Entry> {
    let bytes = serde_json::to_vec(event).map_err(Error::internal)?;
    Ok((event.id, Sha256::digest(bytes).into()))
}

fn packed(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(|(id, digest)| id.as_bytes().iter().chain(digest)).copied().collect()
}

/// The entries of a block, if they are whole.
pub fn unpacked(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (entries, []) = bytes.as_chunks::<ENTRY>() else { return None };
    let entry = |bytes: &[u8; ENTRY]| Some((Uuid::from_slice(&bytes[..ID]).ok()?, bytes[ID..].try_into().ok()?));
    entries.iter().map(entry).collect()
}

/// What a block states, if one of our keys has signed it.
pub fn signed(tokens: &Tokens, statement: &str) -> Option<Statement> {
    tokens.signed(AUDIENCE, statement)
}

/// Seals all that waits, block by block. Returns how many events.
///
/// # Errors
/// `stale_version` where another process seals at the same moment; what the database says.
pub async fn all(app: &App) -> Result<u64> {
    let mut sealed = 0;
    loop {
        let tx = Tx::system(app).await?;
        let events = next(&tx, &app.tokens).await?;
        tx.commit().await?;
        sealed += events;
        if events < BLOCK {
            break;
        }
    }
    noted::renew(app).await?;
    Ok(sealed)
}

/// Seals the next block; returns how many events it has, and makes none of nothing.
async fn next(tx: &Tx, tokens: &Tokens) -> Result<u64> {
    let last = newest(&tx.connection).await?;
    let number = last.as_ref().map_or(0, |block| block.number) + 1;
    let waiting = events::Entity::find()
        .select_only()
        .column(events::Column::Id)
        .filter(events::Column::Block.is_null())
        .order_by_asc(events::Column::Id)
        .limit(BLOCK)
        .into_query();
    // What another transaction commits after this line keeps no number, and goes into a later block.
    let taken = events::Entity::update_many()
        .col_expr(events::Column::Block, Expr::value(number))
        .filter(events::Column::Id.in_subquery(waiting))
        .filter(events::Column::Block.is_null())
        .exec(&tx.connection)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(0);
    }
    let rows = events::Entity::find()
        .filter(events::Column::Block.eq(number))
        .order_by_asc(events::Column::Id)
        .into_partial_model::<Kept>()
        .all(&tx.connection)
        .await?;
    let entries = packed(&rows.iter().map(entry).collect::<Result<Vec<_>>>()?);
    let count = i32::try_from(rows.len()).map_err(Error::internal)?;
    let statement = Statement {
        aud: AUDIENCE.to_owned(),
        number,
        sealed_at: tx.now.timestamp_micros(),
        events: count,
        entries: digest(&entries),
        previous: last.map_or(NOTHING.to_owned(), |block| digest(block.statement.as_bytes())),
    };
    let block = ActiveModel {
        number: Set(number),
        sealed_at: Set(tx.now),
        events: Set(count),
        entries: Set(entries),
        statement: Set(tokens.sign(&statement)?),
    };
    // Of two who seal at once the second finds the number taken.
    Entity::insert(block).exec_without_returning(&tx.connection).await.on_unique(ErrorCode::StaleVersion)?;
    Ok(taken.rows_affected)
}

/// The newest block.
///
/// # Errors
/// What the database says.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Row>> {
    Ok(Entity::find().order_by_desc(Column::Number).into_partial_model::<Row>().one(db).await?)
}

/// The block of a number.
///
/// # Errors
/// What the database says.
pub async fn block(db: &impl ConnectionTrait, number: i32) -> Result<Option<Row>> {
    Ok(Entity::find_by_id(number).into_partial_model::<Row>().one(db).await?)
}
