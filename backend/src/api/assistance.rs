//! Operations on assistance records.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::assistance::{AssistanceRecord, RecordAction, RecordDetailsInput, RecordInput, RecordQuery, RecordStepInput};
use contract::permission::need::{ReadAssistance, WriteAssistance};
use domains::assistance::list::AssistanceRecords;
use domains::assistance::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_assistance_records,
        create_assistance_record,
        export_assistance_records,
        read_assistance_record,
        update_assistance_record,
        step_assistance_record,
        list_assistance_record_history
    );
}

listed! { AssistanceRecords: AssistanceRecord, RecordQuery, ReadAssistance,
    "/assistance-records", "an assistance record", "record", "assistance records" =>
    list list_assistance_records "Those of households of the caller's area; an organisation sees those of its own pairings \
        while the family consents. Names are masked; auditors are not shown what was written in words.",
    export export_assistance_records ", names masked",
    read read_assistance_record "",
    history list_assistance_record_history "",
}

/// Record assistance
///
/// What was done for a household: by an organisation that is paired with it, or entered by village or town; or the correction of a confirmed record. The family
/// consents now (`household_not_consented`), whatever day it was done on; a correction by village or town needs no consent.
/// What was given until a pairing ended, or until the family left or moved, is recorded there after that as well (`date_outside_pairing`,
/// `after_leaving`, `after_moving`).
///
/// What looks like a record that waits or counts already (same family and kind, days near each other, same money or goods) is
/// refused with those of them that the caller may read (`likely_double`); whoever has looked at them says `not_a_double`.
#[utoipa::path(post, path = "/assistance-records", request_body = RecordInput,
    responses((status = 201, description = "The record", body = AssistanceRecord)))]
pub async fn create_assistance_record(change: Change<WriteAssistance>, body: Body<RecordInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change an assistance record
///
/// Until it is confirmed; after that it is corrected by another one. What looks like another record by the change, is refused as a new one would be (`likely_double`).
#[utoipa::path(patch, path = "/assistance-records/{id}", params(("id" = Uuid, Path, description = "Id of the record")),
    request_body = RecordDetailsInput, responses((status = 200, description = "The record as it is now", body = AssistanceRecord)))]
pub async fn update_assistance_record(change: Change<WriteAssistance>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an assistance record
///
/// The village committee confirms or rejects; a town office that stands in for it says why. Confirming a correction makes what it corrects `corrected`.
/// What looks like another record is confirmed with `not_a_double` alone.
#[utoipa::path(post, path = "/assistance-records/{id}/{action}", request_body = RecordStepInput,
    params(("id" = Uuid, Path, description = "Id of the record"), ("action" = RecordAction, Path, description = "The step")),
    responses((status = 200, description = "The record as it is now", body = AssistanceRecord)))]
pub async fn step_assistance_record(
    change: Change<WriteAssistance>,
    step: Step<RecordAction>,
    body: Body<RecordStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
