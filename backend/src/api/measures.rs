//! Operations on the measures of assistance plans.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadPlans, WritePlans};
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureQuery};
use contract::workflow::StepInput;
use domains::measures::list::Measures;
use domains::measures::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_assistance_measures,
        create_assistance_measure,
        export_assistance_measures,
        read_assistance_measure,
        update_assistance_measure,
        step_assistance_measure,
        list_assistance_measure_history
    );
}

listed! { Measures: Measure, MeasureQuery, ReadPlans, "/assistance-measures", "a measure", "measure", "measures" =>
    list list_assistance_measures "Those of households that exist for the caller, each with what fulfils it.",
    export export_assistance_measures ", names masked",
    read read_assistance_measure "",
    history list_assistance_measure_history "",
}

/// Add a measure
///
/// To a plan that is not closed; also to one that the family has agreed to.
#[utoipa::path(post, path = "/assistance-measures", request_body = MeasureInput,
    responses((status = 201, description = "The measure", body = Measure)))]
pub async fn create_assistance_measure(change: Change<WritePlans>, body: Body<MeasureInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a measure
///
/// While its plan is a draft; once the family has agreed, a measure is dropped and another one added.
#[utoipa::path(patch, path = "/assistance-measures/{id}", params(("id" = Uuid, Path, description = "Id of the measure")),
    request_body = MeasureInput, responses((status = 200, description = "The measure as it is now", body = Measure)))]
pub async fn update_assistance_measure(change: Change<WritePlans>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a measure
///
/// A measure is dropped with a reason. That it is fulfilled is said by confirmed assistance records alone.
#[utoipa::path(post, path = "/assistance-measures/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the measure"), ("action" = MeasureAction, Path, description = "The step")),
    responses((status = 200, description = "The measure as it is now", body = Measure)))]
pub async fn step_assistance_measure(
    change: Change<WritePlans>,
    step: Step<MeasureAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
