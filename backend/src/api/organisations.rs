//! Operations on organisations.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::organisations::{Organisation, OrganisationInput, OrganisationQuery, OrganisationSummary};
use contract::permission::need::{ImportCatalogue, ReadOrganisations, WriteOrganisations};
use domains::organisations::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::routes;
use platform::{Body, Change, Guard, Language, Patch, Query, Result, change};
use uuid::Uuid;

use super::listed::imported;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_organisations,
        create_organisation,
        read_organisation_template,
        import_organisations,
        export_organisations,
        read_organisation,
        update_organisation,
        list_organisation_history
    );
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
    service::list(&guard.asker(), &query.0).await.map(Json)
}

/// Enter an organisation
#[utoipa::path(post, path = "/organisations", request_body = OrganisationInput,
    responses((status = 201, description = "The organisation", body = Organisation)))]
pub async fn create_organisation(change: Change<WriteOrganisations>, body: Body<OrganisationInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: ImportCatalogue, "/organisations", "organisations" =>
    template read_organisation_template "the headers, lists to choose from",
    import import_organisations "Enters organisations, and brings known ones up to date, by their credit codes: columns that are \
        missing stay, empty cells clear.\n\
        Directed donations are on a second sheet, with whether they are confirmed; those given for an organisation replace the \
        ones it had. Ratings are changed by the bureau alone. A dry run reports every bad cell; otherwise an import with\n\
        faults is refused as a whole (`validation_failed`, with pointers `/{sheet}/{row}/{field}`).",
}

/// Export organisations
///
/// All that the list shows with the same filters and order, as an .xlsx workbook that can be imported again.
#[utoipa::path(get, path = "/organisations/export", params(OrganisationQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_organisations(
    guard: Guard<ReadOrganisations>,
    query: Query<OrganisationQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read an organisation
#[utoipa::path(get, path = "/organisations/{id}", params(("id" = Uuid, Path, description = "Id of the organisation")),
    responses((status = 200, description = "The organisation", body = Organisation)))]
pub async fn read_organisation(guard: Guard<ReadOrganisations>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(&guard.asker(), *id).await?)
}

/// Change an organisation
///
/// The rating is the bureau's alone (`/rating`, `bureau_only`). What an organisation says of its own donations counts when bureau or town have confirmed it.
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
    service::history(&guard.asker(), *id, query.0).await.map(Json)
}
