//! Operations on progress updates.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadProgress, WriteProgress};
use contract::progress::{ProgressQuery, ProgressTextInput, ProgressUpdate, ProgressUpdateInput};
use domains::progress::list::ProgressUpdates;
use domains::progress::service;
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

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

listed! { ProgressUpdates: ProgressUpdate, ProgressQuery, ReadProgress, "/progress-updates",
    "a progress update", "progress update", "progress updates" =>
    list list_progress_updates "Those of pairings of the caller's area, village or organisation.",
    export export_progress_updates "",
    read read_progress_update "",
    history list_progress_update_history "",
}

/// Write down a month's progress
///
/// One for each pairing and month, by either side or their town, for a month in which the pairing was active.
#[utoipa::path(post, path = "/progress-updates", request_body = ProgressUpdateInput,
    responses((status = 201, description = "The progress update", body = ProgressUpdate)))]
pub async fn create_progress_update(change: Change<WriteProgress>, body: Body<ProgressUpdateInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
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
