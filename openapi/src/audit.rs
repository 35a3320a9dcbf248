//! The history of an object: who changed what, when, from what, to what.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Role, Sort};

crate::coded_enum! {
    /// Orders of a history.
    pub enum HistorySort {
        At = "at" / "时间" / "Time",
    }
}

crate::list_query! {
    /// Paging of a history, newest first unless `sort=at`.
    pub struct HistoryQuery sorted by HistorySort {}
}

/// One entry of an object's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it; absent for the system itself.
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub actor_name: Option<String>,
    pub actor_role: Option<Role>,
    /// What was done: `create`, `update`, or the name of a step.
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub action: String,
    /// Why a town office acted for a village committee, where it did.
    #[cfg_attr(feature = "schema", schema(max_length = 1000))]
    pub on_behalf_reason: Option<String>,
    #[cfg_attr(feature = "schema", schema(max_length = 1000))]
    pub note: Option<String>,
    /// The fields that changed, in the order of their names.
    #[cfg_attr(feature = "schema", schema(max_items = 100))]
    pub changes: Vec<FieldChange>,
}

/// A field before and after; absent values are `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldChange {
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub field: String,
    /// Any JSON value.
    pub from: serde_json::Value,
    /// Any JSON value.
    pub to: serde_json::Value,
}
