//! Verifying: what is there against what was sealed, block by block, in the memory of one block.

use std::collections::{HashMap, HashSet};
use std::fmt;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, FromQueryResult, PartialModelTrait, QueryOrder, QuerySelect, QueryTrait, RuntimeErr, SqlxError};

use super::entity::{Column, Entity, Model};
use super::seal::{self, Kept, Statement};
use crate::platform::Result;
use crate::platform::audit as events;
use crate::platform::token::Tokens;

/// What is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A number below the newest has no block. Its events cannot be vouched for.
    BlockRemoved {
        block: i32,
    },
    /// What the block says is not what was signed, or does not follow the block before.
    BlockChanged {
        block: i32,
    },
    /// No key of ours has signed it: the statement is forged, or the key's file was removed.
    BlockUnsigned {
        block: i32,
    },
    EventChanged {
        block: i32,
        id: Uuid,
    },
    EventRemoved {
        block: i32,
        id: Uuid,
    },
    /// The event is not among those that were sealed.
    EventAdded {
        block: i32,
        id: Uuid,
    },
    /// The event stands in another block than it was sealed in.
    EventMoved {
        block: i32,
        id: Uuid,
        to: Option<i32>,
    },
    /// The newest block that was noted elsewhere is not there: the end of the trail was cut off or replaced.
    HeadLost {
        block: i32,
    },
}

impl Finding {
    fn moved(&self) -> Option<Uuid> {
        if let Self::EventMoved { id, .. } = self { Some(*id) } else { None }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BlockRemoved { block } => write!(f, "block {block}: removed"),
            Self::BlockChanged { block } => write!(f, "block {block}: changed"),
            Self::BlockUnsigned { block } => write!(f, "block {block}: not signed by any key of this service"),
            Self::EventChanged { block, id } => write!(f, "block {block}: event {id} changed"),
            Self::EventRemoved { block, id } => write!(f, "block {block}: event {id} removed"),
            Self::EventAdded { block, id } => write!(f, "block {block}: event {id} added"),
            Self::EventMoved { block, id, to: Some(to) } => write!(f, "block {block}: event {id} moved to block {to}"),
            Self::EventMoved { block, id, to: None } => write!(f, "block {block}: event {id} taken out of its block"),
            Self::HeadLost { block } => write!(f, "block {block}: not the one that was noted"),
        }
    }
}

/// A block that was noted elsewhere: its number and its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub block: i32,
    pub digest: String,
}

impl std::str::FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (block, digest) = text.split_once(':').ok_or("expected NUMBER:DIGEST")?;
        let block = block.parse().map_err(|_| "expected a number before the colon")?;
        Ok(Self { block, digest: digest.to_owned() })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.block, self.digest)
    }
}

/// What a verification saw.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub blocks: u64,
    pub events: u64,
    /// Events that wait to be sealed, of which nothing can be said.
    pub unsealed: i64,
    /// The newest block: worth noting elsewhere.
    pub head: Option<Head>,
    pub findings: Vec<Finding>,
}

/// Compares the trail with its blocks, as far as they go when it begins.
///
/// # Errors
/// What the database says.
pub async fn verify(db: &impl ConnectionTrait, tokens: &Tokens, noted: Option<&Head>) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let last = last_number(db).await?;
    let mut previous = Some(String::new());
    for number in 1..=last {
        match Entity::find_by_id(number).one(db).await {
            Ok(Some(block)) => {
                let digest = seal::digest(block.statement.as_bytes());
                check_block(&mut verdict, tokens, &block, previous.as_deref());
                check_events(db, &mut verdict, &block).await?;
                if noted.is_some_and(|noted| noted.block == number && noted.digest != digest) {
                    verdict.findings.push(Finding::HeadLost { block: number });
                }
                verdict.blocks += 1;
                verdict.head = Some(Head { block: number, digest: digest.clone() });
                previous = Some(digest);
            }
            Ok(None) => {
                verdict.findings.push(Finding::BlockRemoved { block: number });
                previous = None;
            }
            Err(error) if unreadable(&error) => {
                verdict.findings.push(Finding::BlockChanged { block: number });
                previous = None;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(noted) = noted.filter(|noted| !(1..=last).contains(&noted.block)) {
        verdict.findings.push(Finding::HeadLost { block: noted.block });
    }
    // What was moved is told once, for the block it was sealed in.
    let moved: HashSet<Uuid> = verdict.findings.iter().filter_map(Finding::moved).collect();
    verdict.findings.retain(|finding| !matches!(finding, Finding::EventAdded { id, .. } if moved.contains(id)));
    let waiting = events::Entity::find().select_only().filter(events::Column::Block.is_null());
    let unsealed: Option<i64> = waiting.column_as(events::Column::Id.count(), "unsealed").into_tuple().one(db).await?;
    verdict.unsealed = unsealed.unwrap_or(0);
    Ok(verdict)
}

/// The highest number that a block has, or that an event says its block has.
async fn last_number(db: &impl ConnectionTrait) -> Result<i32> {
    let blocks: Option<Option<i32>> =
        Entity::find().select_only().column_as(Column::Number.max(), "last").into_tuple().one(db).await?;
    let named = events::Entity::find().select_only().column_as(events::Column::Block.max(), "last");
    let named: Option<Option<i32>> = named.into_tuple().one(db).await?;
    Ok(blocks.flatten().max(named.flatten()).unwrap_or(0))
}

fn check_block(verdict: &mut Verdict, tokens: &Tokens, block: &Model, previous: Option<&str>) {
    let number = block.number;
    let Some(stated) = seal::signed(tokens, &block.statement) else {
        verdict.findings.push(Finding::BlockUnsigned { block: number });
        return;
    };
    let right = Statement {
        number,
        sealed_at: block.sealed_at.timestamp_micros(),
        events: block.events,
        entries: seal::digest(&block.entries),
        // After a block that is gone, or that cannot be read, there is nothing to compare with.
        previous: previous.map_or(stated.previous.clone(), str::to_owned),
        ..stated.clone()
    };
    if stated != right {
        verdict.findings.push(Finding::BlockChanged { block: number });
    }
}

async fn check_events(db: &impl ConnectionTrait, verdict: &mut Verdict, block: &Model) -> Result<()> {
    let block_number = block.number;
    let Some(entries) = seal::unpacked(&block.entries) else { return Ok(()) };
    let mut sealed: HashMap<Uuid, [u8; 32]> = entries.into_iter().collect();
    let select = events::Entity::find().filter(events::Column::Block.eq(block_number)).order_by_asc(events::Column::Id);
    let statement = Kept::select_cols(select.select_only()).into_query();
    for row in db.query_all_raw(db.get_database_backend().build(&statement)).await? {
        verdict.events += 1;
        let event = Kept::from_query_result(&row, "").ok();
        let id = event.as_ref().map_or_else(|| row.try_get("", "id").unwrap_or_default(), |event| event.id);
        let digest = event.as_ref().map(seal::entry).transpose()?.map(|(_, digest)| digest);
        match sealed.remove(&id) {
            None => verdict.findings.push(Finding::EventAdded { block: block_number, id }),
            Some(kept) if Some(kept) != digest => verdict.findings.push(Finding::EventChanged { block: block_number, id }),
            Some(_) => {}
        }
    }
    let mut gone: Vec<Uuid> = sealed.into_keys().collect();
    gone.sort_unstable();
    for id in gone {
        let elsewhere: Option<Option<i32>> =
            events::Entity::find_by_id(id).select_only().column(events::Column::Block).into_tuple().one(db).await?;
        verdict.findings.push(match elsewhere {
            Some(to) => Finding::EventMoved { block: block_number, id, to },
            None => Finding::EventRemoved { block: block_number, id },
        });
    }
    Ok(())
}

/// Whether a row is there but is not what the service writes: SQLite keeps any value in any column.
fn unreadable(error: &DbErr) -> bool {
    match error {
        DbErr::Type(_) => true,
        DbErr::Query(RuntimeErr::SqlxError(cause)) => matches!(**cause, SqlxError::ColumnDecode { .. } | SqlxError::Decode(_)),
        _ => false,
    }
}
