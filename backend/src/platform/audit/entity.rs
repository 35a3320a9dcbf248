//! Table `audit_events`. Private with its `ActiveModel`: [`super::record`] and [`super::record_all`] alone write events, and
//! prove them.

use contract::Role;
use contract::audit::AuditOutcome;
use sea_orm::entity::prelude::*;

use crate::platform::coded::Code;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    pub actor_role: Option<Code<Role>>,
    /// Where the actor belonged at the time, or the account that somebody failed to sign in to.
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
    /// The keyed digest that proves it: see [`super::Proofs`]. None for what was sealed before there were any.
    pub proof: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
