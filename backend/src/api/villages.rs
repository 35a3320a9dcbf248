//! Operations on villages.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::{ImportQuery, ImportReport, Workbook, WorkbookUpload};
use contract::permission::need::{ImportCatalogue, ReadVillages, WriteVillages};
use contract::villages::{Village, VillageInput, VillageQuery};
use domains::villages::list::Villages;
use domains::villages::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::object::{Exported, Listed, Object};
use platform::routes;
use platform::upload::Alone;
use platform::{Change, Guard, Language, Patch, Query, Result, Upload, change, excel};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_villages,
        read_village_template,
        import_villages,
        export_villages,
        read_village,
        update_village,
        list_village_history
    );
}

/// List villages
///
/// The villages and communities of the caller's county, with their profiles.
#[utoipa::path(get, path = "/villages", params(VillageQuery), responses((status = 200, description = "A page of villages", body = Page<Village>)))]
pub async fn list_villages(guard: Guard<ReadVillages>, query: Query<VillageQuery>) -> Result<Json<Page<Village>>> {
    Villages::list(&guard.asker(), &query.0).await.map(Json)
}

/// Download the template of the import
///
/// An .xlsx workbook with the headers, lists to choose from, and a sheet that explains every column.
#[utoipa::path(get, path = "/villages/import-template", responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn read_village_template(_: Guard<ImportCatalogue>, language: Language) -> Result<Download> {
    excel::template(workbook::SHEETS, language.0)
}

/// Import villages from a workbook
///
/// Brings the profiles of known villages up to date, by their codes: columns that are missing stay, empty cells clear. A dry run reports every bad cell; otherwise an import with
/// faults is refused as a whole (`validation_failed`, with pointers `/{sheet}/{row}/{field}`).
#[utoipa::path(post, path = "/villages/import", params(ImportQuery), request_body(content = WorkbookUpload, content_type = "multipart/form-data"),
    responses((status = 200, description = "What was done, or in a dry run would be", body = ImportReport)))]
pub async fn import_villages(
    change: Change<ImportCatalogue>,
    query: Query<ImportQuery>,
    language: Language,
    upload: Upload<Alone>,
) -> Result<HttpResponse> {
    let tables = excel::read(upload.bytes, workbook::SHEETS).await?;
    change.answer(async |tx| workbook::import(tx, &tables, query.0.dry_run, language.0).await).await
}

/// Export villages
///
/// All that the list shows with the same filters and order, as an .xlsx workbook that can be imported again.
#[utoipa::path(get, path = "/villages/export", params(VillageQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_villages(guard: Guard<ReadVillages>, query: Query<VillageQuery>, language: Language) -> Result<Download> {
    Villages::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a village
#[utoipa::path(get, path = "/villages/{code}", params(("code" = String, Path, description = "Code of the village", max_length = 12, pattern = r"^\d{12}$")),
    responses((status = 200, description = "The village", body = Village)))]
pub async fn read_village(guard: Guard<ReadVillages>, code: Path<String>) -> Result<HttpResponse> {
    change::read(&Villages::read(&guard.asker(), code.into_inner()).await?)
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
    Villages::history(&guard.asker(), code.into_inner(), query.0).await.map(Json)
}
