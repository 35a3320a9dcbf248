//! Operations on assistance plans.

use actix_web::HttpResponse;
use contract::permission::need::{ReadPlans, WritePlans};
use contract::plans::{Plan, PlanAction, PlanInput, PlanQuery, PlanStepInput};
use domains::plans::list::Plans;
use domains::plans::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Result};

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_assistance_plans,
        create_assistance_plan,
        export_assistance_plans,
        read_assistance_plan,
        step_assistance_plan,
        list_assistance_plan_history
    );
}

listed! { Plans: Plan, PlanQuery, ReadPlans, "/assistance-plans", "an assistance plan", "plan", "assistance plans" =>
    list list_assistance_plans "Those of households that exist for the caller, names masked.",
    export export_assistance_plans ", names masked",
    read read_assistance_plan "",
    history list_assistance_plan_history "",
}

/// Begin an assistance plan
///
/// One of a household and campaign at a time (一户一策).
#[utoipa::path(post, path = "/assistance-plans", request_body = PlanInput,
    responses((status = 201, description = "The plan", body = Plan)))]
pub async fn create_assistance_plan(change: Change<WritePlans>, body: Body<PlanInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Take a step of an assistance plan
///
/// Agreeing says who of the family agreed and when; closing says why.
#[utoipa::path(post, path = "/assistance-plans/{id}/{action}", request_body = PlanStepInput,
    params(("id" = Uuid, Path, description = "Id of the plan"), ("action" = PlanAction, Path, description = "The step")),
    responses((status = 200, description = "The plan as it is now", body = Plan)))]
pub async fn step_assistance_plan(
    change: Change<WritePlans>,
    step: Step<PlanAction>,
    body: Body<PlanStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
