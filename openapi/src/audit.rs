//! The history of an object (who changed what, when, from what, to what), and the trail of all of them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::{Role, answer};

crate::coded_enum! {
    /// What came of what somebody tried.
    pub enum AuditOutcome {
        Done = "done" / "成功" / "Done",
        Refused = "refused" / "被拒绝" / "Refused",
    }
}

crate::coded_enum! {
    /// Whether an event is what the service has written.
    pub enum AuditProof {
        Sealed = "sealed" / "已封存" / "Sealed",
        Waiting = "waiting" / "待封存" / "Waiting to be sealed",
        Unproven = "unproven" / "无法证实" / "Not proved",
    }
}

crate::coded_enum! {
    /// Orders of the audit trail.
    pub enum AuditSort {
        At = "at" / "时间" / "Time",
    }
}

crate::coded_enum! {
    /// Orders of the blocks that seal the trail.
    pub enum AuditBlockSort {
        Number = "number" / "区块号" / "Number",
    }
}

crate::list_query! {
    /// Filters of the audit trail; `q` searches the name of whoever acted.
    pub struct AuditQuery sorted by AuditSort, latest first, searched by q {
        pub actor_id: Option<Uuid>,
        pub actor_role: Option<Role>,
        /// The kind of object, as the API names its collection.
        #[limit(self::name, pattern = r"^[a-z][a-z_]{0,59}$", max_length = 60)]
        pub object_type: Option<String>,
        /// Id or code of the object.
        #[limit(1..=60, text)]
        pub object_id: Option<String>,
        /// What was done: `create`, `update`, or the name of a step.
        #[limit(self::name, pattern = r"^[a-z][a-z_]{0,59}$", max_length = 60)]
        pub action: Option<String>,
        pub outcome: Option<AuditOutcome>,
        /// Only what happened on this day or later.
        #[limit(date)]
        pub since: Option<NaiveDate>,
        /// Only what happened on this day or earlier.
        #[limit(date)]
        pub until: Option<NaiveDate>,
        /// The request that did it, as the answer's `X-Request-Id` named it.
        #[limit(1..=100, text)]
        pub request_id: Option<String>,
        /// Only what this block seals.
        #[limit(1..=1_000_000_000)]
        pub block: Option<i32>,
    }
}

crate::list_query! {
    /// Paging of the blocks.
    pub struct AuditBlockQuery sorted by AuditBlockSort, latest first {}
}

/// The name of a table or a step: small letters and underscores.
fn name(value: &str) -> Result<(), ValidationError> {
    let letters = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if letters && (1..=60).contains(&value.len()) && !value.starts_with('_') {
        Ok(())
    } else {
        Err(ValidationError::new("malformed"))
    }
}

/// One entry of the audit trail. Of personal data it says that they changed, never what they are.
#[answer]
pub struct AuditEvent {
    #[serde(flatten)]
    pub entry: HistoryEntry,
    /// The account that did it; absent for the system itself and for whoever failed to sign in.
    pub actor_id: Option<Uuid>,
    /// The kind of object, as the API names its collection.
    #[limit(..=60)]
    pub object_type: String,
    /// Id or code of the object; `*` for what is about many, an export for one.
    #[limit(..=60)]
    pub object_id: String,
    pub outcome: AuditOutcome,
    /// Where the request came from.
    #[limit(..=60)]
    pub address: Option<String>,
    #[limit(..=100)]
    pub request_id: Option<String>,
    /// The block that seals it; absent while it waits to be sealed.
    #[limit(1..)]
    pub block: Option<i32>,
    /// `unproven` where it was not written by the service, or changed since: `baishe audit verify` says more.
    pub proof: AuditProof,
}

/// A sealed block of the trail. Each names the digest of the one before, so that none can be changed or taken out unseen.
#[answer]
pub struct AuditBlock {
    /// Counts from 1 without a gap.
    #[limit(1..)]
    pub number: i32,
    pub sealed_at: DateTime<Utc>,
    /// How many events it seals; 0 where somebody has made that illegible.
    #[limit(0..)]
    pub events: i32,
    /// SHA-256 of its signed statement, in hexadecimal: kept elsewhere, it proves later that nothing up to here was changed. That
    /// of an empty statement where somebody has made it illegible.
    #[limit(..=64, pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// Whether one of the service's keys has signed what stands here.
    pub signed: bool,
    /// The signed statement itself, a JWS in compact form; the key is in the service's key set. Empty where somebody has made it
    /// illegible.
    #[limit(..=2000)]
    pub statement: String,
}

crate::coded_enum! {
    /// Orders of a history.
    pub enum HistorySort {
        At = "at" / "时间" / "Time",
    }
}

crate::list_query! {
    /// Paging of a history.
    pub struct HistoryQuery sorted by HistorySort, latest first {}
}

/// One entry of an object's history.
#[answer]
pub struct HistoryEntry {
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it; absent for the system itself.
    #[limit(..=60)]
    pub actor_name: Option<String>,
    pub actor_role: Option<Role>,
    /// What was done: `create`, `update`, or the name of a step.
    #[limit(..=60)]
    pub action: String,
    /// Why a town office acted for a village committee, where it did.
    #[limit(..=1000)]
    pub on_behalf_reason: Option<String>,
    #[limit(..=1000)]
    pub note: Option<String>,
    /// The fields that changed, in the order of their names.
    #[limit(..=100)]
    pub changes: Vec<FieldChange>,
}

/// A field before and after; absent values are `null`.
#[answer]
pub struct FieldChange {
    #[limit(..=60)]
    pub field: String,
    /// Any JSON value.
    pub from: serde_json::Value,
    /// Any JSON value.
    pub to: serde_json::Value,
}
