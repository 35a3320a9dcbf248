//! Operations on the catalogue of needs and offers.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::catalogue::{CatalogueEntry, CatalogueEntryAction, CatalogueEntryInput, CatalogueEntryQuery, EntryCommitments};
use contract::permission::need::{ImportCatalogue, ReadCatalogue, WriteCatalogue};
use contract::workflow::StepInput;
use domains::catalogue::list::CatalogueEntries;
use domains::catalogue::{booklet, service, takers, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_catalogue_entries,
        create_catalogue_entry,
        read_catalogue_template,
        import_catalogue_entries,
        export_catalogue_entries,
        read_catalogue_booklet,
        read_catalogue_entry,
        update_catalogue_entry,
        step_catalogue_entry,
        list_catalogue_entry_history,
        read_catalogue_entry_commitments
    );
}

listed! { CatalogueEntries: CatalogueEntry, CatalogueEntryQuery, ReadCatalogue,
    "/catalogue-entries", "an entry of the catalogue", "catalogue item", "entries of the catalogue" =>
    list list_catalogue_entries "One's own, and all of the county that are or were published: both sides choose among them.",
    export export_catalogue_entries " that can be imported again",
    read read_catalogue_entry "",
    history list_catalogue_entry_history "",
}

/// Read the catalogue as a booklet
///
/// All that the list shows with the same filters, by town, as an official document (.docx). More than 5,000 entries are refused
/// (`/within`, `too_many`).
#[utoipa::path(get, path = "/catalogue-entries/booklet", params(CatalogueEntryQuery),
    responses((status = 200, description = "The document", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub async fn read_catalogue_booklet(guard: Guard<ReadCatalogue>, query: Query<CatalogueEntryQuery>) -> Result<Download> {
    booklet::write(guard.app(), &guard, &query.0).await
}

/// Read who takes what of an entry of the catalogue
///
/// Projects, pairings and assistance records that exist for the caller, one by one, and all else in one sum.
#[utoipa::path(get, path = "/catalogue-entries/{id}/commitments", params(("id" = Uuid, Path, description = "Id of the entry")),
    responses((status = 200, description = "Who takes what", body = EntryCommitments)))]
pub async fn read_catalogue_entry_commitments(guard: Guard<ReadCatalogue>, id: Path<Uuid>) -> Result<Json<EntryCommitments>> {
    Ok(Json(takers::of_entry(&guard.asker(), *id).await?))
}

/// Draft an entry of the catalogue
///
/// A need of a village, or an offer of an organisation. One that looks the same as a live one of the same village or organisation
/// (campaign, goal and kind) is refused with that (`likely_double`); whoever has looked at it says `not_a_double`.
#[utoipa::path(post, path = "/catalogue-entries", request_body = CatalogueEntryInput,
    responses((status = 201, description = "The entry", body = CatalogueEntry)))]
pub async fn create_catalogue_entry(change: Change<WriteCatalogue>, body: Body<CatalogueEntryInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: ImportCatalogue, "/catalogue-entries", "entries of the catalogue" =>
    template read_catalogue_template "the headers, lists to choose from",
    import import_catalogue_entries "Publishes new entries at once, and changes those that an export has marked: missing columns and \
        empty cells leave what is kept, `清空` or `CLEAR` clears it. An entry is of a village, by its code, or of an organisation, by \
        its credit code. One that looks the same as another is a fault (`similar_entry`), unless its row says that it is not.",
}

/// Change an entry of the catalogue
///
/// Until it is fulfilled, withdrawn or expired. It does not become less than what is taken of it (`/quantity`, `below_committed`).
#[utoipa::path(patch, path = "/catalogue-entries/{id}", params(("id" = Uuid, Path, description = "Id of the entry")),
    request_body = CatalogueEntryInput, responses((status = 200, description = "The entry as it is now", body = CatalogueEntry)))]
pub async fn update_catalogue_entry(change: Change<WriteCatalogue>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an entry of the catalogue
///
/// It is not withdrawn while projects, pairings or help ask for some of it or have it committed (`entry_committed`). They fulfil it:
/// once all of it is, it is fulfilled by itself.
#[utoipa::path(post, path = "/catalogue-entries/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the entry"),
        ("action" = CatalogueEntryAction, Path, description = "The step")),
    responses((status = 200, description = "The entry as it is now", body = CatalogueEntry)))]
pub async fn step_catalogue_entry(
    change: Change<WriteCatalogue>,
    step: Step<CatalogueEntryAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
