//! Operations on villages.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::permission::need::{ImportCatalogue, ReadVillages, WriteAreas, WriteVillages};
use contract::villages::{Succession, SuccessionInput, Village, VillageInput, VillageQuery};
use domains::villages::list::Villages;
use domains::villages::{service, workbook};
use domains::workflows::succession;
use platform::api::Api;
use platform::object::Object;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_villages,
        read_village_template,
        import_villages,
        export_villages,
        read_village,
        update_village,
        replace_village,
        list_village_history
    );
}

listed! { Villages: Village, VillageQuery, ReadVillages, "/villages", "a village", "village", "villages" =>
    list list_villages "The villages and communities of the caller's county, with their profiles.",
    export export_villages " that can be imported again",
}

imported! { workbook: ImportCatalogue, "/villages", "villages" =>
    template read_village_template "the headers, lists to choose from",
    import import_villages "Brings the profiles of known villages up to date, by their codes: missing columns and empty cells \
        leave what is kept, `清空` or `CLEAR` clears it. A row that would undo what was\n\
        changed since it was exported is a fault (`changed_since`). A dry run reports every bad cell, and what each cell changes; \
        otherwise an import with\n\
        faults is refused as a whole (`validation_failed`, with pointers `/{sheet}/{row}/{field}`).",
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

/// Replace a village by another
///
/// Where villages are merged or get other codes, the one that goes on takes over in one transaction: household files with their plans
/// and records, accounts, enrolments in campaigns that are not over, live pairings with all that belongs to them, and, where it has
/// none yet, the profile. Files keep their numbers. The ledger counts the households out of the one village and into the other on
/// that day. What has ended stays under the old code, which is chosen for nothing new any more (`village_ended`). Both lie in the
/// same town. A dry run counts what would follow and names what both villages have; an organisation that is paired with both stands in
/// the way (`paired_twice`). This is not undone.
#[utoipa::path(post, path = "/villages/{code}/replace", params(("code" = String, Path, description = "Code of the village that ends", max_length = 12, pattern = r"^\d{12}$")),
    request_body = SuccessionInput, responses((status = 200, description = "What has followed, or in a dry run would", body = Succession)))]
pub async fn replace_village(
    change: Change<WriteAreas>,
    code: Path<String>,
    body: Body<SuccessionInput>,
) -> Result<HttpResponse> {
    change.answer(async |tx| succession::replace(tx, &code, body.0).await).await
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
