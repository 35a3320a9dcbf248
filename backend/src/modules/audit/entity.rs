//! Table `audit_blocks`. The events themselves are the platform's: [`platform::audit`].

use contract::audit::AuditBlock;
use platform::coded::Legible;
use platform::token::Tokens;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use super::seal;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_blocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub sealed_at: DateTimeUtc,
    pub events: i32,
    /// The id and the digest of each event, in the order of their ids.
    pub entries: Vec<u8>,
    /// What is signed: see [`seal::Statement`].
    pub statement: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A block without its entries, also one that somebody has spoilt.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub number: i32,
    sealed_at: Legible<DateTimeUtc>,
    events: Legible<i32>,
    pub statement: String,
}

impl Row {
    /// As auditors see it.
    pub fn shown(self, tokens: &Tokens) -> AuditBlock {
        let (sealed_at, events) = (self.sealed_at.0.unwrap_or_default(), self.events.0.unwrap_or_default());
        let stated = seal::signed(tokens, &self.statement);
        AuditBlock {
            number: self.number,
            sealed_at,
            events,
            digest: seal::digest(self.statement.as_bytes()),
            signed: stated.is_some_and(|stated| {
                (stated.number, stated.sealed_at, stated.events) == (self.number, sealed_at.timestamp_micros(), events)
            }),
            statement: self.statement,
        }
    }
}
