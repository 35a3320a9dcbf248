//! Operations on enrolments.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentDetails, EnrolmentInput, EnrolmentQuery};
use contract::permission::need::{ReadEnrolments, WriteEnrolments};
use contract::workflow::StepInput;
use domains::enrolments::list::Enrolments;
use domains::enrolments::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_enrolments,
        create_enrolment,
        export_enrolments,
        read_enrolment,
        update_enrolment,
        step_enrolment,
        list_enrolment_history
    );
}

listed! { Enrolments: Enrolment, EnrolmentQuery, ReadEnrolments, "/enrolments", "an enrolment", "enrolment", "enrolments" =>
    list list_enrolments "One's own, and all that are confirmed in the county: the catalogue both sides choose from.",
    export export_enrolments "",
    read read_enrolment "",
    history list_enrolment_history "",
}

/// Enter a campaign
///
/// A village or an organisation applies for itself; a town or the bureau nominates.
#[utoipa::path(post, path = "/enrolments", request_body = EnrolmentInput,
    responses((status = 201, description = "The enrolment", body = Enrolment)))]
pub async fn create_enrolment(change: Change<WriteEnrolments>, body: Body<EnrolmentInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change an enrolment
///
/// How many pairs it can take on, and its note: by itself and its town until the deadline of the rankings (`ranking_closed`), by the bureau
/// as long as it takes part.
#[utoipa::path(patch, path = "/enrolments/{id}", params(("id" = Uuid, Path, description = "Id of the enrolment")),
    request_body = EnrolmentDetails, responses((status = 200, description = "The enrolment as it is now", body = Enrolment)))]
pub async fn update_enrolment(change: Change<WriteEnrolments>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
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
