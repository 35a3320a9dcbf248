//! Operations on organisations.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::organisations::{Organisation, OrganisationInput, OrganisationQuery, OrganisationSummary};
use contract::permission::need::{ReadOrganisations, WriteOrganisations};
use uuid::Uuid;

use super::service;
use crate::platform::api::Api;
use crate::platform::{Body, Change, Guard, Patch, Query, Result, change};
use crate::routes;

pub fn add(api: &mut Api) {
    routes!(api, list_organisations, create_organisation, read_organisation, update_organisation, list_organisation_history);
}

/// List organisations
///
/// The social organisations of the caller's county.
#[utoipa::path(get, path = "/organisations", params(OrganisationQuery),
    responses((status = 200, description = "A page of organisations", body = Page<OrganisationSummary>)))]
pub async fn list_organisations(
    guard: Guard<ReadOrganisations>,
    query: Query<OrganisationQuery>,
) -> Result<Json<Page<OrganisationSummary>>> {
    service::list(guard.db(), &guard, &query.0).await.map(Json)
}

/// Enter an organisation
#[utoipa::path(post, path = "/organisations", request_body = OrganisationInput,
    responses((status = 201, description = "The organisation", body = Organisation)))]
pub async fn create_organisation(change: Change<WriteOrganisations>, body: Body<OrganisationInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Read an organisation
#[utoipa::path(get, path = "/organisations/{id}", params(("id" = Uuid, Path, description = "Id of the organisation")),
    responses((status = 200, description = "The organisation", body = Organisation)))]
pub async fn read_organisation(guard: Guard<ReadOrganisations>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id).await?)
}

/// Change an organisation
#[utoipa::path(patch, path = "/organisations/{id}", params(("id" = Uuid, Path, description = "Id of the organisation")),
    request_body = OrganisationInput, responses((status = 200, description = "The organisation as it is now", body = Organisation)))]
pub async fn update_organisation(change: Change<WriteOrganisations>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// List the history of an organisation
#[utoipa::path(get, path = "/organisations/{id}/history", params(("id" = Uuid, Path, description = "Id of the organisation"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_organisation_history(
    guard: Guard<ReadOrganisations>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
