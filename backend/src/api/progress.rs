//! Operations on progress updates.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadProgress, WriteProgress};
use contract::progress::{ProgressQuery, ProgressTextInput, ProgressUpdate, ProgressUpdateInput};
use domains::progress::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::routes;
use platform::{Body, Change, Guard, Language, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_progress_updates,
        create_progress_update,
        export_progress_updates,
        read_progress_update,
        update_progress_update,
        list_progress_update_history
    );
}

/// List progress updates
///
/// Those of pairings of the caller's area, village or organisation.
#[utoipa::path(get, path = "/progress-updates", params(ProgressQuery),
    responses((status = 200, description = "A page of progress updates", body = Page<ProgressUpdate>)))]
pub async fn list_progress_updates(
    guard: Guard<ReadProgress>,
    query: Query<ProgressQuery>,
) -> Result<Json<Page<ProgressUpdate>>> {
    service::list(guard.db(), &guard, &query.0).await.map(Json)
}

/// Write down a month's progress
///
/// One for each pairing and month, by either side or their town, for a month in which the pairing was active.
#[utoipa::path(post, path = "/progress-updates", request_body = ProgressUpdateInput,
    responses((status = 201, description = "The progress update", body = ProgressUpdate)))]
pub async fn create_progress_update(change: Change<WriteProgress>, body: Body<ProgressUpdateInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Export progress updates
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/progress-updates/export", params(ProgressQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_progress_updates(
    guard: Guard<ReadProgress>,
    query: Query<ProgressQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a progress update
#[utoipa::path(get, path = "/progress-updates/{id}", params(("id" = Uuid, Path, description = "Id of the progress update")),
    responses((status = 200, description = "The progress update", body = ProgressUpdate)))]
pub async fn read_progress_update(guard: Guard<ReadProgress>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id).await?)
}

/// Change a progress update
///
/// Until the town's form of that month is accepted.
#[utoipa::path(patch, path = "/progress-updates/{id}", params(("id" = Uuid, Path, description = "Id of the progress update")),
    request_body = ProgressTextInput,
    responses((status = 200, description = "The progress update as it is now", body = ProgressUpdate)))]
pub async fn update_progress_update(change: Change<WriteProgress>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// List the history of a progress update
#[utoipa::path(get, path = "/progress-updates/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the progress update"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_progress_update_history(
    guard: Guard<ReadProgress>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
