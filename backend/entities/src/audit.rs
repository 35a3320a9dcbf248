//! Table `audit_blocks`. The events themselves belong to the platform: [`platform::audit`].

use std::fmt::Write;

use contract::audit::AuditBlock;
use platform::coded::Legible;
use platform::token::Tokens;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_blocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub sealed_at: DateTimeUtc,
    pub events: i32,
    /// The id and digest of each event, ordered by id.
    pub entries: Vec<u8>,
    /// The signed text of the block, which decodes to a [`Statement`].
    pub statement: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A block without its entries. A column that somebody has damaged reads as `None`, so that such blocks are still listed.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub number: i32,
    sealed_at: Legible<DateTimeUtc>,
    events: Legible<i32>,
    statement: Legible<String>,
}

impl Row {
    /// Whether every column can be read.
    pub fn is_legible(&self) -> bool {
        self.sealed_at.0.is_some() && self.events.0.is_some() && self.statement.0.is_some()
    }

    /// The digest of the block's statement. A statement that cannot be read counts as an empty one.
    pub fn digest(&self) -> String {
        digest(self.statement.0.as_deref().unwrap_or_default().as_bytes())
    }

    /// Converts the row into the contract's type.
    pub fn into_block(self, tokens: &Tokens) -> AuditBlock {
        let digest = self.digest();
        let (sealed_at, events) = (self.sealed_at.0.unwrap_or_default(), self.events.0.unwrap_or_default());
        let statement = self.statement.0.unwrap_or_default();
        let stated = signed(tokens, &statement);
        AuditBlock {
            number: self.number,
            sealed_at,
            events,
            digest,
            signed: stated.is_some_and(|stated| {
                (stated.number, stated.sealed_at, stated.events) == (self.number, sealed_at.timestamp_micros(), events)
            }),
            statement,
        }
    }
}

/// The audience (`aud`) of statements. Access tokens have another one, so that neither passes for the other.
const AUDIENCE: &str = "baishe-audit";

/// The part of a block that is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    pub aud: String,
    pub number: i32,
    /// In microseconds since 1970.
    pub sealed_at: i64,
    pub events: i32,
    /// SHA-256 of the entries.
    pub entries: String,
    /// SHA-256 of the previous block's statement; empty for the first block.
    pub previous: String,
}

/// SHA-256 as hexadecimal text.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Builds the statement of a block.
pub fn statement(number: i32, sealed_at: DateTimeUtc, events: i32, entries: &[u8], previous: String) -> Statement {
    let (aud, sealed_at) = (AUDIENCE.to_owned(), sealed_at.timestamp_micros());
    Statement { aud, number, sealed_at, events, entries: digest(entries), previous }
}

/// The decoded statement of a block. `None` unless one of our keys has signed it.
pub fn signed(tokens: &Tokens, statement: &str) -> Option<Statement> {
    tokens.signed(AUDIENCE, statement)
}
