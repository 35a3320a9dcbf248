//! Operations on areas.

use actix_web::CustomizeResponder;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::areas::{Area, AreaQuery};
use contract::permission::need::ReadAreas;
use domains::areas::service;
use platform::api::Api;
use platform::http::reference;
use platform::routes;
use platform::{Guard, Query, Result};

pub fn add(api: &mut Api) {
    routes!(api, list_areas, read_area);
}

/// List areas
///
/// The statistical division tree of this deployment, ordered by code unless asked otherwise.
#[utoipa::path(get, path = "/areas", params(AreaQuery), responses((status = 200, description = "A page of areas", body = Page<Area>)))]
pub async fn list_areas(guard: Guard<ReadAreas>, query: Query<AreaQuery>) -> Result<CustomizeResponder<Json<Page<Area>>>> {
    service::list(guard.db(), &query.0).await.map(|page| reference(Json(page)))
}

/// Read an area
#[utoipa::path(get, path = "/areas/{code}", params(("code" = String, Path, description = "Code of the area", max_length = 12, pattern = r"^\d{2,12}$")),
    responses((status = 200, description = "The area", body = Area)))]
pub async fn read_area(guard: Guard<ReadAreas>, code: Path<String>) -> Result<CustomizeResponder<Json<Area>>> {
    service::read(guard.db(), &code).await.map(|area| reference(Json(area)))
}
