//! Operations on assistance records.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::assistance::{AssistanceRecord, RecordAction, RecordDetailsInput, RecordInput, RecordQuery};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadAssistance, WriteAssistance};
use contract::workflow::StepInput;
use domains::assistance::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::{Language, Step};
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_assistance_records,
        create_assistance_record,
        export_assistance_records,
        read_assistance_record,
        update_assistance_record,
        step_assistance_record,
        list_assistance_record_history
    );
}

/// List assistance records
///
/// Those of households of the caller's area; an organisation sees those of its own pairings while the family consents. Names are masked; auditors are not shown what was written in words.
#[utoipa::path(get, path = "/assistance-records", params(RecordQuery),
    responses((status = 200, description = "A page of records", body = Page<AssistanceRecord>)))]
pub async fn list_assistance_records(
    guard: Guard<ReadAssistance>,
    query: Query<RecordQuery>,
) -> Result<Json<Page<AssistanceRecord>>> {
    service::list(guard.db(), &guard, &guard.app().vault, &query.0).await.map(Json)
}

/// Record assistance
///
/// What was done for a household: by an organisation that is paired with it, or entered by village or town; or the correction of a confirmed record. The family
/// consents now (`household_not_consented`), whatever day it was done on; a correction by village or town needs no consent.
#[utoipa::path(post, path = "/assistance-records", request_body = RecordInput,
    responses((status = 201, description = "The record", body = AssistanceRecord)))]
pub async fn create_assistance_record(change: Change<WriteAssistance>, body: Body<RecordInput>) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.create(async |tx| service::create(tx, &vault, body.0).await).await
}

/// Export assistance records
///
/// All that the list shows with the same filters and order, as an .xlsx workbook, names masked.
#[utoipa::path(get, path = "/assistance-records/export", params(RecordQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_assistance_records(
    guard: Guard<ReadAssistance>,
    query: Query<RecordQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read an assistance record
#[utoipa::path(get, path = "/assistance-records/{id}", params(("id" = Uuid, Path, description = "Id of the record")),
    responses((status = 200, description = "The record", body = AssistanceRecord)))]
pub async fn read_assistance_record(guard: Guard<ReadAssistance>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, &guard.app().vault, *id).await?)
}

/// Change an assistance record
///
/// Until it is confirmed; after that it is corrected by another one.
#[utoipa::path(patch, path = "/assistance-records/{id}", params(("id" = Uuid, Path, description = "Id of the record")),
    request_body = RecordDetailsInput, responses((status = 200, description = "The record as it is now", body = AssistanceRecord)))]
pub async fn update_assistance_record(change: Change<WriteAssistance>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.update(async |tx| service::update(tx, &vault, *id, patch).await).await
}

/// Take a step of an assistance record
///
/// The village committee confirms or rejects; a town office that stands in for it says why. Confirming a correction makes what it corrects `corrected`.
#[utoipa::path(post, path = "/assistance-records/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the record"), ("action" = RecordAction, Path, description = "The step")),
    responses((status = 200, description = "The record as it is now", body = AssistanceRecord)))]
pub async fn step_assistance_record(
    change: Change<WriteAssistance>,
    step: Step<RecordAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.update(async |tx| service::step(tx, &vault, step.id, step.action, body.0).await).await
}

/// List the history of an assistance record
#[utoipa::path(get, path = "/assistance-records/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the record"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_assistance_record_history(
    guard: Guard<ReadAssistance>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
