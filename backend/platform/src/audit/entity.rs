//! Table `audit_events`. Private with its `ActiveModel`: only [`super::record`] and [`super::record_all`] write events, and prove
//! them.

use contract::Role;
use contract::audit::{AuditOutcome, HistoryEntry};
use contract::mask::UNREADABLE;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};

use crate::coded::{Code, Legible};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    pub actor_role: Option<Code<Role>>,
    /// The place of the actor at the time, or of the account that somebody failed to sign in to.
    pub actor_area_code: Option<String>,
    pub on_behalf_reason: Option<String>,
    pub note: Option<String>,
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub outcome: Code<AuditOutcome>,
    pub changes: Json,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// The block that seals it.
    pub block: Option<i32>,
    /// The keyed digest that proves it: see [`super::Proofs`]. `None` if it was sealed before proofs existed.
    pub proof: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An event for display. A tampered event can be read as well, so that it does not hide the others.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    id: Legible<Uuid>,
    /// Whether the id is a value that the service writes. In SQLite a text of sixteen bytes reads like an id, but sorts before
    /// all ids.
    #[sea_orm(from_expr = "Expr::col((Entity, Column::Id)).gte(Uuid::nil())")]
    has_id: Legible<bool>,
    at: Legible<DateTimeUtc>,
    pub actor_id: Legible<Option<Uuid>>,
    actor_name: Legible<Option<String>>,
    actor_role: Legible<Option<Code<Role>>>,
    on_behalf_reason: Legible<Option<String>>,
    note: Legible<Option<String>>,
    action: Legible<String>,
    pub object_type: Legible<String>,
    pub object_id: Legible<String>,
    pub outcome: Legible<Code<AuditOutcome>>,
    changes: Legible<Json>,
    pub address: Legible<Option<String>>,
    pub request_id: Legible<Option<String>>,
    pub block: Legible<Option<i32>>,
}

impl Row {
    /// The id, or zeros if it cannot be read.
    pub fn id(&self) -> Uuid {
        self.id.0.unwrap_or_default()
    }

    /// Whether the row's id is genuine and does not only read like one.
    pub fn is_of_its_id(&self) -> bool {
        self.has_id.0 == Some(true)
    }

    /// When it happened or, if that cannot be read, when its id was made.
    pub fn at(&self) -> DateTimeUtc {
        let made = || {
            let (seconds, nanos) = self.id().get_timestamp()?.to_unix();
            DateTimeUtc::from_timestamp(seconds.try_into().ok()?, nanos)
        };
        self.at.0.or_else(made).unwrap_or_default()
    }
}

/// A text, or a placeholder if it cannot be read.
pub fn legible(word: Legible<String>) -> String {
    word.0.unwrap_or_else(|| UNREADABLE.to_owned())
}

impl From<Row> for HistoryEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id(),
            at: row.at(),
            actor_name: row.actor_name.known(),
            actor_role: row.actor_role.known().map(|code| code.0),
            action: legible(row.action),
            on_behalf_reason: row.on_behalf_reason.known(),
            note: row.note.known(),
            changes: row.changes.0.and_then(|changes| serde_json::from_value(changes).ok()).unwrap_or_default(),
        }
    }
}
