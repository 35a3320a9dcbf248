//! Operations on agreements.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::agreements::{Agreement, AgreementInput, AgreementQuery, AgreementSummary, SignInput};
use contract::permission::need::{ReadAgreements, WriteAgreements};
use contract::workflow::StepInput;
use domains::agreements::list::Agreements;
use domains::agreements::{document, service};
use domains::{official, projects};
use platform::api::Api;
use platform::download::Download;
use platform::object::Object;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Result, apart};
use uuid::Uuid;

use super::listed::listed;

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

listed! { Agreements: Agreement as AgreementSummary, AgreementQuery, ReadAgreements,
    "/agreements", "an agreement", "agreement", "agreements" =>
    list list_agreements "Those of the caller's area, village or organisation.",
    export export_agreements "",
    read read_agreement "",
    history list_agreement_history "",
}

/// Draft an agreement
///
/// For a confirmed pairing, or for an active one whose agreement is over. Texts and term that are left out are filled in.
#[utoipa::path(post, path = "/agreements", request_body = AgreementInput,
    responses((status = 201, description = "The agreement", body = Agreement)))]
pub async fn create_agreement(change: Change<WriteAgreements>, body: Body<AgreementInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a draft
#[utoipa::path(patch, path = "/agreements/{id}", params(("id" = Uuid, Path, description = "Id of the agreement")),
    request_body = AgreementInput, responses((status = 200, description = "The agreement as it is now", body = Agreement)))]
pub async fn update_agreement(change: Change<WriteAgreements>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Sign an agreement
///
/// Gives it its number and makes its pairing active. From now on it keeps the names of its parties and its projects.
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
/// The text to print and sign, as .docx. A signed one keeps the names of its parties and the projects that it was signed with.
#[utoipa::path(get, path = "/agreements/{id}/document", params(("id" = Uuid, Path, description = "Id of the agreement")),
    responses((status = 200, description = "The document", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub async fn read_agreement_document(guard: Guard<ReadAgreements>, id: Path<Uuid>) -> Result<Download> {
    let agreement = Agreements::read(&guard.asker(), *id).await?;
    let projects = match agreement.projects.clone() {
        Some(signed_with) => signed_with,
        None => projects::service::planned(guard.db(), agreement.details.pairing_id).await?,
    };
    let name = document::file_name(&agreement);
    let content = apart(move || document::write(&agreement, &projects)).await??;
    Ok(Download::new(name, official::MEDIA_TYPE, content))
}
