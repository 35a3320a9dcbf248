//! Operations on villages.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::permission::need::{ReadVillages, WriteVillages};
use contract::villages::{Village, VillageInput, VillageQuery};

use super::service;
use crate::platform::api::Api;
use crate::platform::{Change, Guard, Patch, Query, Result, change};
use crate::routes;

pub fn add(api: &mut Api) {
    routes!(api, list_villages, read_village, update_village, list_village_history);
}

/// List villages
///
/// The villages and communities of the caller's county, with their profiles.
#[utoipa::path(get, path = "/villages", params(VillageQuery), responses((status = 200, description = "A page of villages", body = Page<Village>)))]
pub async fn list_villages(guard: Guard<ReadVillages>, query: Query<VillageQuery>) -> Result<Json<Page<Village>>> {
    service::list(guard.db(), &guard, &query.0).await.map(Json)
}

/// Read a village
#[utoipa::path(get, path = "/villages/{code}", params(("code" = String, Path, description = "Code of the village", max_length = 12, pattern = r"^\d{12}$")),
    responses((status = 200, description = "The village", body = Village)))]
pub async fn read_village(guard: Guard<ReadVillages>, code: Path<String>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, &code).await?)
}

/// Change a village's profile
#[utoipa::path(patch, path = "/villages/{code}", params(("code" = String, Path, description = "Code of the village", max_length = 12, pattern = r"^\d{12}$")),
    request_body = VillageInput, responses((status = 200, description = "The village as it is now", body = Village)))]
pub async fn update_village(change: Change<WriteVillages>, code: Path<String>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, &code, patch).await).await
}

/// List the history of a village's profile
#[utoipa::path(get, path = "/villages/{code}/history", params(("code" = String, Path, description = "Code of the village", max_length = 12, pattern = r"^\d{12}$"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_village_history(
    guard: Guard<ReadVillages>,
    code: Path<String>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, &code, query.0).await.map(Json)
}
