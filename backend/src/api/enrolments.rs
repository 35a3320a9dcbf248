//! Operations on enrolments.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentInput, EnrolmentQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadEnrolments, WriteEnrolments};
use contract::workflow::StepInput;
use domains::enrolments::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Language, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_enrolments, create_enrolment, export_enrolments, read_enrolment, step_enrolment, list_enrolment_history);
}

/// List enrolments
///
/// One's own, and all that are confirmed in the county: the catalogue both sides choose from.
#[utoipa::path(get, path = "/enrolments", params(EnrolmentQuery),
    responses((status = 200, description = "A page of enrolments", body = Page<Enrolment>)))]
pub async fn list_enrolments(guard: Guard<ReadEnrolments>, query: Query<EnrolmentQuery>) -> Result<Json<Page<Enrolment>>> {
    service::list(guard.db(), &guard, &query.0).await.map(Json)
}

/// Enter a campaign
///
/// A village or an organisation applies for itself; a town or the bureau nominates.
#[utoipa::path(post, path = "/enrolments", request_body = EnrolmentInput,
    responses((status = 201, description = "The enrolment", body = Enrolment)))]
pub async fn create_enrolment(change: Change<WriteEnrolments>, body: Body<EnrolmentInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Export enrolments
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/enrolments/export", params(EnrolmentQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_enrolments(
    guard: Guard<ReadEnrolments>,
    query: Query<EnrolmentQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read an enrolment
#[utoipa::path(get, path = "/enrolments/{id}", params(("id" = Uuid, Path, description = "Id of the enrolment")),
    responses((status = 200, description = "The enrolment", body = Enrolment)))]
pub async fn read_enrolment(guard: Guard<ReadEnrolments>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id).await?)
}

/// Take a step of an enrolment
#[utoipa::path(post, path = "/enrolments/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the enrolment"), ("action" = EnrolmentAction, Path, description = "The step")),
    responses((status = 200, description = "The enrolment as it is now", body = Enrolment)))]
pub async fn step_enrolment(
    change: Change<WriteEnrolments>,
    step: Step<EnrolmentAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// List the history of an enrolment
#[utoipa::path(get, path = "/enrolments/{id}/history", params(("id" = Uuid, Path, description = "Id of the enrolment"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_enrolment_history(
    guard: Guard<ReadEnrolments>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
