//! Operations on enrolments.

use actix_web::HttpResponse;
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentInput, EnrolmentQuery};
use contract::permission::need::{ReadEnrolments, WriteEnrolments};
use contract::workflow::StepInput;
use domains::enrolments::list::Enrolments;
use domains::enrolments::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Result};

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(api, list_enrolments, create_enrolment, export_enrolments, read_enrolment, step_enrolment, list_enrolment_history);
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
