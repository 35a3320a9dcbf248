//! The audit trail.

use contract::Page;
use contract::audit::{AuditBlock, AuditBlockQuery, AuditEvent, AuditQuery};

use super::Call;

/// Events that fit the filters.
pub fn list(query: &AuditQuery) -> Call<Page<AuditEvent>> {
    Call::list("/audit-events", query)
}

/// One event.
pub fn read(id: &str) -> Call<AuditEvent> {
    Call::get(format!("/audit-events/{id}"))
}

/// The blocks that seal events.
pub fn blocks(query: &AuditBlockQuery) -> Call<Page<AuditBlock>> {
    Call::list("/audit-blocks", query)
}
