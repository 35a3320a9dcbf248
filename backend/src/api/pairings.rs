//! Operations on pairings.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::pairings::{Pairing, PairingAction, PairingInput, PairingQuery};
use contract::permission::need::{ReadPairings, WritePairings};
use contract::workflow::StepInput;
use domains::pairings::{service, workbook};
use domains::workflows::pairing;
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Language, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_pairings, create_pairing, export_pairings, read_pairing, step_pairing, list_pairing_history);
}

/// List pairings
///
/// Those of the caller's area, village or organisation.
#[utoipa::path(get, path = "/pairings", params(PairingQuery),
    responses((status = 200, description = "A page of pairings", body = Page<Pairing>)))]
pub async fn list_pairings(guard: Guard<ReadPairings>, query: Query<PairingQuery>) -> Result<Json<Page<Pairing>>> {
    service::list(guard.db(), &guard, &query.0, guard.app().clock.today()).await.map(Json)
}

/// Propose a pairing
///
/// A side's proposal is answered by the other; a recommendation of town or bureau by both.
#[utoipa::path(post, path = "/pairings", request_body = PairingInput,
    responses((status = 201, description = "The pairing", body = Pairing)))]
pub async fn create_pairing(change: Change<WritePairings>, body: Body<PairingInput>) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.create(async |tx| service::create(tx, &vault, body.0).await).await
}

/// Export pairings
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/pairings/export", params(PairingQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_pairings(guard: Guard<ReadPairings>, query: Query<PairingQuery>, language: Language) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a pairing
#[utoipa::path(get, path = "/pairings/{id}", params(("id" = Uuid, Path, description = "Id of the pairing")),
    responses((status = 200, description = "The pairing", body = Pairing)))]
pub async fn read_pairing(guard: Guard<ReadPairings>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id, guard.app().clock.today()).await?)
}

/// Take a step of a pairing
#[utoipa::path(post, path = "/pairings/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the pairing"), ("action" = PairingAction, Path, description = "The step")),
    responses((status = 200, description = "The pairing as it is now", body = Pairing)))]
pub async fn step_pairing(
    change: Change<WritePairings>,
    step: Step<PairingAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.update(async |tx| pairing::step(tx, &vault, step.id, step.action, body.0).await).await
}

/// List the history of a pairing
#[utoipa::path(get, path = "/pairings/{id}/history", params(("id" = Uuid, Path, description = "Id of the pairing"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_pairing_history(
    guard: Guard<ReadPairings>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
