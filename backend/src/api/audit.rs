//! Operations on the audit trail.

use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{AuditBlock, AuditBlockQuery, AuditEvent, AuditQuery};
use contract::permission::need::ReadAudit;
use domains::audit::{service, workbook};
use platform::api::Api;
use platform::routes;
use platform::{Guard, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(api, list_audit_events, export_audit_events, read_audit_event, list_audit_blocks);
}

/// List audit events
///
/// What accounts of the caller's area did, what was refused to those who failed to sign in to them, and what the system did by
/// itself. Failures to sign in to accounts that do not exist are for those within whose area all accounts are.
#[utoipa::path(get, path = "/audit-events", params(AuditQuery),
    responses((status = 200, description = "A page of events, newest first", body = Page<AuditEvent>)))]
pub async fn list_audit_events(guard: Guard<ReadAudit>, query: Query<AuditQuery>) -> Result<Json<Page<AuditEvent>>> {
    service::list(guard.app(), &guard, &query.0).await.map(Json)
}

listed! { workbook: AuditEvent, AuditQuery, ReadAudit, "/audit-events", "an audit event", "event", "audit events" =>
    export export_audit_events ". The export is an event itself",
}

/// Read an audit event
#[utoipa::path(get, path = "/audit-events/{id}", params(("id" = Uuid, Path, description = "Id of the event")),
    responses((status = 200, description = "The event", body = AuditEvent)))]
pub async fn read_audit_event(guard: Guard<ReadAudit>, id: Path<Uuid>) -> Result<Json<AuditEvent>> {
    service::read(guard.app(), &guard, *id).await.map(Json)
}

/// List sealed blocks
///
/// The chain that events are sealed into. The digest of the newest, noted elsewhere, is what `baishe audit verify --head` compares with.
#[utoipa::path(get, path = "/audit-blocks", params(AuditBlockQuery),
    responses((status = 200, description = "A page of blocks, newest first", body = Page<AuditBlock>)))]
pub async fn list_audit_blocks(guard: Guard<ReadAudit>, query: Query<AuditBlockQuery>) -> Result<Json<Page<AuditBlock>>> {
    service::blocks(guard.app(), query.0).await.map(Json)
}
