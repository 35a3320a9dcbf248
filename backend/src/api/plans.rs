//! Operations on assistance plans.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadPlans, WritePlans};
use contract::plans::{Plan, PlanAction, PlanInput, PlanQuery, PlanStepInput};
use domains::plans::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::{Language, Step};
use platform::routes;
use platform::{Body, Change, Guard, Query, Result, change};
use uuid::Uuid;

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

/// List assistance plans
///
/// Those of households that exist for the caller, names masked.
#[utoipa::path(get, path = "/assistance-plans", params(PlanQuery),
    responses((status = 200, description = "A page of plans", body = Page<Plan>)))]
pub async fn list_assistance_plans(guard: Guard<ReadPlans>, query: Query<PlanQuery>) -> Result<Json<Page<Plan>>> {
    service::list(guard.db(), &guard, &guard.app().vault, &query.0).await.map(Json)
}

/// Begin an assistance plan
///
/// One of a household and campaign at a time (一户一策).
#[utoipa::path(post, path = "/assistance-plans", request_body = PlanInput,
    responses((status = 201, description = "The plan", body = Plan)))]
pub async fn create_assistance_plan(change: Change<WritePlans>, body: Body<PlanInput>) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.create(async |tx| service::create(tx, &vault, body.0).await).await
}

/// Export assistance plans
///
/// All that the list shows with the same filters and order, as an .xlsx workbook, names masked.
#[utoipa::path(get, path = "/assistance-plans/export", params(PlanQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_assistance_plans(guard: Guard<ReadPlans>, query: Query<PlanQuery>, language: Language) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read an assistance plan
#[utoipa::path(get, path = "/assistance-plans/{id}", params(("id" = Uuid, Path, description = "Id of the plan")),
    responses((status = 200, description = "The plan", body = Plan)))]
pub async fn read_assistance_plan(guard: Guard<ReadPlans>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, &guard.app().vault, *id).await?)
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
    let vault = change.app().vault.clone();
    change.update(async |tx| service::step(tx, &vault, step.id, step.action, body.0).await).await
}

/// List the history of an assistance plan
#[utoipa::path(get, path = "/assistance-plans/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the plan"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_assistance_plan_history(
    guard: Guard<ReadPlans>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
