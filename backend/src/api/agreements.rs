//! Operations on agreements.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::agreements::{Agreement, AgreementInput, AgreementQuery, AgreementSummary, SignInput};
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadAgreements, WriteAgreements};
use contract::workflow::StepInput;
use domains::agreements::{document, service, workbook};
use domains::projects;
use platform::api::Api;
use platform::download::Download;
use platform::routes;
use platform::{Body, Change, Guard, Language, Patch, Query, Result, apart, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_agreements,
        create_agreement,
        export_agreements,
        read_agreement,
        update_agreement,
        sign_agreement,
        terminate_agreement,
        read_agreement_document,
        list_agreement_history,
    );
}

/// List agreements
///
/// Those of the caller's area, village or organisation.
#[utoipa::path(get, path = "/agreements", params(AgreementQuery),
    responses((status = 200, description = "A page of agreements", body = Page<AgreementSummary>)))]
pub async fn list_agreements(guard: Guard<ReadAgreements>, query: Query<AgreementQuery>) -> Result<Json<Page<AgreementSummary>>> {
    service::list(guard.db(), &guard, &query.0).await.map(Json)
}

/// Draft an agreement
///
/// For a confirmed pairing, or for an active one whose agreement is over. Texts and term that are left out are filled in.
#[utoipa::path(post, path = "/agreements", request_body = AgreementInput,
    responses((status = 201, description = "The agreement", body = Agreement)))]
pub async fn create_agreement(change: Change<WriteAgreements>, body: Body<AgreementInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Export agreements
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/agreements/export", params(AgreementQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_agreements(
    guard: Guard<ReadAgreements>,
    query: Query<AgreementQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read an agreement
#[utoipa::path(get, path = "/agreements/{id}", params(("id" = Uuid, Path, description = "Id of the agreement")),
    responses((status = 200, description = "The agreement", body = Agreement)))]
pub async fn read_agreement(guard: Guard<ReadAgreements>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id).await?)
}

/// Change a draft
#[utoipa::path(patch, path = "/agreements/{id}", params(("id" = Uuid, Path, description = "Id of the agreement")),
    request_body = AgreementInput, responses((status = 200, description = "The agreement as it is now", body = Agreement)))]
pub async fn update_agreement(change: Change<WriteAgreements>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Sign an agreement
///
/// Gives it its number and makes its pairing active.
#[utoipa::path(post, path = "/agreements/{id}/sign", params(("id" = Uuid, Path, description = "Id of the agreement")),
    request_body = SignInput, responses((status = 200, description = "The agreement as it is now", body = Agreement)))]
pub async fn sign_agreement(change: Change<WriteAgreements>, id: Path<Uuid>, body: Body<SignInput>) -> Result<HttpResponse> {
    change.update(async |tx| service::sign(tx, *id, body.0).await).await
}

/// Terminate an agreement
///
/// A draft is given up by whoever may write it; what is signed is ended by the bureau.
#[utoipa::path(post, path = "/agreements/{id}/terminate", params(("id" = Uuid, Path, description = "Id of the agreement")),
    request_body = StepInput, responses((status = 200, description = "The agreement as it is now", body = Agreement)))]
pub async fn terminate_agreement(change: Change<WriteAgreements>, id: Path<Uuid>, body: Body<StepInput>) -> Result<HttpResponse> {
    change.update(async |tx| service::terminate(tx, *id, body.0).await).await
}

/// Read an agreement as a document
///
/// The text to print and sign, as .docx.
#[utoipa::path(get, path = "/agreements/{id}/document", params(("id" = Uuid, Path, description = "Id of the agreement")),
    responses((status = 200, description = "The document", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub async fn read_agreement_document(guard: Guard<ReadAgreements>, id: Path<Uuid>) -> Result<Download> {
    let agreement = service::read(guard.db(), &guard, *id).await?;
    let projects = projects::service::planned(guard.db(), agreement.details.pairing_id).await?;
    let name = document::file_name(&agreement);
    let content = apart(move || document::write(&agreement, &projects)).await??;
    Ok(Download::new(name, document::MEDIA_TYPE, content))
}

/// List the history of an agreement
#[utoipa::path(get, path = "/agreements/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the agreement"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_agreement_history(
    guard: Guard<ReadAgreements>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
