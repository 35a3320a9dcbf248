//! Verifies the trail: compares the events with what was sealed, block by block, using the memory of one block.

use std::collections::{HashMap, HashSet};
use std::fmt;

use contract::audit::AuditProof;
use entities::audit::{self as blocks, Column, Entity, Model, Row, Statement};
use futures_util::TryStreamExt;
use platform::audit::{self as events, Proofs, StoredEvent};
use platform::database::snapshot;
use platform::token::Tokens;
use platform::{App, Error, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseTransaction, FromQueryResult, PartialModelTrait, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, StreamTrait,
};

use super::seal;

/// A difference from what was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Some numbers below the newest block have no block. Nothing vouches for their events.
    BlocksRemoved {
        first: i32,
        last: i32,
    },
    /// The block differs from its signed statement, or does not follow the previous block.
    BlockChanged {
        block: i32,
    },
    /// None of the service's keys has signed it: the statement is forged, or the key's file was removed.
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
    /// The event was not sealed in this block.
    EventAdded {
        block: i32,
        id: Uuid,
    },
    /// The event is in another block than the one that it was sealed in.
    EventMoved {
        block: i32,
        id: Uuid,
        /// That block, as text from the database; `None` if the event is in no block.
        to: Option<String>,
    },
    /// The service did not write the event, or not in this form: its proof is missing or wrong, or it cannot even be read.
    EventUnproven {
        /// The event's id, as text from the database.
        event: String,
    },
    /// The event names a block that cannot exist: a negative number, a future one, or no number at all.
    EventOutside {
        event: String,
        /// The block, as text from the database.
        block: String,
    },
    /// The newest block noted elsewhere is missing: the end of the trail was cut off or replaced.
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
            Self::BlocksRemoved { first, last } if first == last => write!(f, "block {first}: removed"),
            Self::BlocksRemoved { first, last } => write!(f, "blocks {first} to {last}: removed"),
            Self::BlockChanged { block } => write!(f, "block {block}: changed"),
            Self::BlockUnsigned { block } => write!(f, "block {block}: not signed by any key of this service"),
            Self::EventChanged { block, id } => write!(f, "block {block}: event {id} changed"),
            Self::EventRemoved { block, id } => write!(f, "block {block}: event {id} removed"),
            Self::EventAdded { block, id } => write!(f, "block {block}: event {id} added"),
            Self::EventMoved { block, id, to: Some(to) } => write!(f, "block {block}: event {id} moved to block {to}"),
            Self::EventMoved { block, id, to: None } => write!(f, "block {block}: event {id} taken out of its block"),
            Self::EventUnproven { event } => write!(f, "event {event}: not written by this service, or changed since"),
            Self::EventOutside { event, block } => write!(f, "event {event}: in block {block}, which there is not"),
            Self::HeadLost { block } => write!(f, "block {block}: not the one that was noted"),
        }
    }
}

/// The number and digest of a block, to be noted elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub block: i32,
    pub digest: String,
}

impl Head {
    /// The note about a block.
    pub fn of(block: &Row) -> Self {
        Self { block: block.number, digest: block.digest() }
    }
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

/// The result of a verification.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    pub blocks: u64,
    pub events: u64,
    /// Genuine events that wait to be sealed.
    pub unsealed: u64,
    /// The newest block, to be noted elsewhere.
    pub head: Option<Head>,
    pub findings: Vec<Finding>,
}

/// Compares the trail with its blocks and proofs, in one snapshot.
pub async fn verify(app: &App, noted: Option<&Head>) -> Result<Verdict> {
    let db = snapshot(&app.database.read).await?;
    if app.database.backend() == DatabaseBackend::Postgres {
        db.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    let mut verdict = Verdict::default();
    let numbers: Vec<i32> =
        Entity::find().select_only().column(Column::Number).order_by_asc(Column::Number).into_tuple().all(&db).await?;
    let last = numbers.last().copied().unwrap_or(0);
    let mut previous = Some(String::new());
    let mut next = 1;
    for number in numbers {
        if number > next {
            verdict.findings.push(Finding::BlocksRemoved { first: next, last: number - 1 });
            previous = None;
        }
        // SQLite stores any value in any column.
        let row = db.query_one(&Entity::find_by_id(number).into_query()).await?;
        match row.and_then(|row| Model::from_query_result(&row, "").ok()) {
            Some(block) => {
                let digest = blocks::digest(block.statement.as_bytes());
                let vouches = check_block(&mut verdict, &app.tokens, &block, previous.as_deref());
                check_events(&db, &mut verdict, number, &block.entries, (!vouches).then_some(&*app.proofs)).await?;
                // A block with a number below 1 has no successor.
                if number > 0 {
                    verdict.blocks += 1;
                    verdict.head = Some(Head { block: number, digest: digest.clone() });
                    previous = Some(digest);
                }
            }
            None => {
                verdict.findings.push(Finding::BlockChanged { block: number });
                check_events(&db, &mut verdict, number, &[], Some(&*app.proofs)).await?;
                previous = None;
            }
        }
        if noted.is_some_and(|noted| noted.block == number && previous.as_ref() != Some(&noted.digest)) {
            verdict.findings.push(Finding::HeadLost { block: number });
        }
        next = Ord::max(number, 0).saturating_add(1);
    }
    if let Some(noted) = noted.filter(|noted| !(1..=last).contains(&noted.block)) {
        verdict.findings.push(Finding::HeadLost { block: noted.block });
    }
    check_others(&db, &mut verdict, last, &app.proofs).await?;
    // A moved event is reported once, for the block that it was sealed in.
    let moved: HashSet<String> = verdict.findings.iter().filter_map(Finding::moved).map(|id| id.to_string()).collect();
    verdict.findings.retain(|finding| match finding {
        Finding::EventAdded { id, .. } => !moved.contains(&id.to_string()),
        Finding::EventOutside { event, .. } => !moved.contains(event),
        _ => true,
    });
    Ok(verdict)
}

/// Checks the proof of every event for which no block vouches.
async fn check_others(db: &DatabaseTransaction, verdict: &mut Verdict, last: i32, proofs: &Proofs) -> Result<()> {
    let backend = ConnectionTrait::get_database_backend(db);
    let known = Entity::find().select_only().column(Column::Number).into_query();
    let block = (events::Entity, events::Column::Block);
    let mut select = StoredEvent::select_cols(events::Entity::find().select_only())
        .filter(Expr::col(block).is_null().or(Expr::col(block).not_in_subquery(known)))
        .order_by_asc(events::Column::Id)
        .into_query();
    select.expr_as(as_text(backend, "id"), "id_text").expr_as(as_text(backend, "block"), "block_text");
    let mut rows = db.stream(&select).await?;
    while let Some(row) = rows.try_next().await? {
        let block = text_of(&row, "block_text")?;
        let event = StoredEvent::from_query_result(&row, "").ok();
        let text = text_of(&row, "id_text")?.unwrap_or_default();
        // A text of sixteen bytes would be read as an id, although another row has that id.
        let proven = !text.starts_with('\'') && event.as_ref().is_some_and(|event| proofs.prove(event));
        let event = row.try_get::<Uuid>("", "id").map_or(text, |id| id.to_string());
        match block.filter(|block| block != "NULL") {
            // The missing block was already reported.
            Some(block) if proven && block.parse().is_ok_and(|block: i32| (1..last).contains(&block)) => {}
            Some(block) => verdict.findings.push(Finding::EventOutside { event, block }),
            None if proven => verdict.unsealed += 1,
            None => verdict.findings.push(Finding::EventUnproven { event }),
        }
    }
    Ok(())
}

/// A value of any type as text.
fn as_text(backend: DatabaseBackend, column: &str) -> SimpleExpr {
    match backend {
        DatabaseBackend::Sqlite => Expr::cust(format!("quote(audit_events.{column})")),
        _ => Expr::cust(format!("CAST(audit_events.{column} AS text)")),
    }
}

/// A value that was selected as text. In SQLite it may contain any bytes.
fn text_of(row: &QueryResult, column: &str) -> Result<Option<String>> {
    let lossy = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(row.try_get("", column).or_else(|_| row.try_get("", column).map(lossy))?)
}

/// Whether the block matches its signed statement.
fn check_block(verdict: &mut Verdict, tokens: &Tokens, block: &Model, previous: Option<&str>) -> bool {
    let number = block.number;
    let Some(stated) = blocks::signed(tokens, &block.statement) else {
        verdict.findings.push(Finding::BlockUnsigned { block: number });
        return false;
    };
    // After a missing or unreadable block there is nothing to compare with.
    let previous = previous.unwrap_or(&stated.previous);
    let right = stated == stating(block, previous);
    if !right {
        verdict.findings.push(Finding::BlockChanged { block: number });
    }
    right
}

/// The statement that a block should have.
fn stating(block: &Model, previous: &str) -> Statement {
    blocks::statement(block.number, block.sealed_at, block.events, &block.entries, previous.to_owned())
}

/// Compares the events of a block with those sealed in it. In a block that vouches for nothing, each event must prove itself.
async fn check_events(
    db: &impl ConnectionTrait,
    verdict: &mut Verdict,
    block: i32,
    entries: &[u8],
    to_prove: Option<&Proofs>,
) -> Result<()> {
    let mut sealed: HashMap<Uuid, [u8; 32]> = seal::unpacked(entries).unwrap_or_default().into_iter().collect();
    let whole = !sealed.is_empty();
    let backend = db.get_database_backend();
    let select = events::Entity::find().filter(events::Column::Block.eq(block)).order_by_asc(events::Column::Id);
    let mut statement = StoredEvent::select_cols(select.select_only()).into_query();
    statement.expr_as(as_text(backend, "id"), "id_text");
    for row in db.query_all(&statement).await? {
        verdict.events += 1;
        let event = StoredEvent::from_query_result(&row, "").ok();
        let known = row.try_get::<Uuid>("", "id");
        let event_name = || {
            known.as_ref().map_or_else(|_| Ok(text_of(&row, "id_text")?.unwrap_or_default()), |id| Ok::<_, Error>(id.to_string()))
        };
        if known.is_err() || to_prove.is_some_and(|proofs| !event.as_ref().is_some_and(|event| proofs.prove(event))) {
            verdict.findings.push(Finding::EventUnproven { event: event_name()? });
        }
        let Ok(id) = known else { continue };
        let digest = event.as_ref().map(StoredEvent::digest).transpose()?;
        match sealed.remove(&id) {
            None if whole => verdict.findings.push(Finding::EventAdded { block, id }),
            Some(sealed) if Some(sealed) != digest => verdict.findings.push(Finding::EventChanged { block, id }),
            _ => {}
        }
    }
    let mut gone: Vec<Uuid> = sealed.into_keys().collect();
    gone.sort_unstable();
    for id in gone {
        let mut elsewhere = events::Entity::find_by_id(id).select_only().into_query();
        elsewhere.expr_as(as_text(db.get_database_backend(), "block"), "block_text");
        verdict.findings.push(match db.query_one(&elsewhere).await? {
            Some(row) => {
                let to = text_of(&row, "block_text")?;
                Finding::EventMoved { block, id, to: to.filter(|to| to != "NULL") }
            }
            None => Finding::EventRemoved { block, id },
        });
    }
    Ok(())
}

/// The proof of each of these events, in order, for those who read the trail. Takes two statements, however many events there
/// are.
pub async fn proofs(db: &impl ConnectionTrait, app: &App, rows: &[events::Row]) -> Result<Vec<AuditProof>> {
    let of_rows = events::Entity::find().filter(events::Column::Id.is_in(rows.iter().map(events::Row::id)));
    let found = db.query_all(&StoredEvent::select_cols(of_rows.select_only()).into_query()).await?;
    let stored = found.iter().filter_map(|row| StoredEvent::from_query_result(row, "").ok());
    let stored: HashMap<Uuid, StoredEvent> = stored.map(|event| (event.id, event)).collect();
    let numbers: HashSet<i32> = rows.iter().filter_map(|row| row.block.known()).collect();
    let blocks = match numbers.is_empty() {
        true => Vec::new(),
        false => db.query_all(&Entity::find().filter(Column::Number.is_in(numbers)).into_query()).await?,
    };
    let mut sealed = HashSet::new();
    for block in blocks.iter().filter_map(|row| Model::from_query_result(row, "").ok()) {
        let stated = blocks::signed(&app.tokens, &block.statement);
        if stated.is_some_and(|stated| stated == stating(&block, &stated.previous)) {
            let entries = seal::unpacked(&block.entries).unwrap_or_default();
            sealed.extend(entries.into_iter().map(|entry| (block.number, entry)));
        }
    }
    let genuine = |row: &events::Row| stored.get(&row.id()).filter(|_| row.is_of_its_id());
    let proof = |row: &events::Row| match (row.block.0, genuine(row)) {
        (Some(None), Some(event)) if app.proofs.prove(event) => AuditProof::Waiting,
        (Some(Some(block)), Some(event)) if event.digest().is_ok_and(|digest| sealed.contains(&(block, (event.id, digest)))) => {
            AuditProof::Sealed
        }
        _ => AuditProof::Unproven,
    };
    Ok(rows.iter().map(proof).collect())
}
