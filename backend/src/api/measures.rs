//! Operations on the measures of assistance plans.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadPlans, WritePlans};
use contract::plans::{Measure, MeasureAction, MeasureInput, MeasureQuery};
use contract::workflow::StepInput;
use domains::measures::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::{Language, Step};
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result, change};
use uuid::Uuid;

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

/// List measures
///
/// Those of households that exist for the caller, each with what fulfils it.
#[utoipa::path(get, path = "/assistance-measures", params(MeasureQuery),
    responses((status = 200, description = "A page of measures", body = Page<Measure>)))]
pub async fn list_assistance_measures(guard: Guard<ReadPlans>, query: Query<MeasureQuery>) -> Result<Json<Page<Measure>>> {
    service::list(guard.db(), &guard, &guard.app().vault, &query.0, guard.app().clock.today()).await.map(Json)
}

/// Add a measure
///
/// To a plan that is not closed; also to one that the family has agreed to.
#[utoipa::path(post, path = "/assistance-measures", request_body = MeasureInput,
    responses((status = 201, description = "The measure", body = Measure)))]
pub async fn create_assistance_measure(change: Change<WritePlans>, body: Body<MeasureInput>) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.create(async |tx| service::create(tx, &vault, body.0).await).await
}

/// Export measures
///
/// All that the list shows with the same filters and order, as an .xlsx workbook, names masked.
#[utoipa::path(get, path = "/assistance-measures/export", params(MeasureQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_assistance_measures(
    guard: Guard<ReadPlans>,
    query: Query<MeasureQuery>,
    language: Language,
) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a measure
#[utoipa::path(get, path = "/assistance-measures/{id}", params(("id" = Uuid, Path, description = "Id of the measure")),
    responses((status = 200, description = "The measure", body = Measure)))]
pub async fn read_assistance_measure(guard: Guard<ReadPlans>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, &guard.app().vault, *id).await?)
}

/// Change a measure
///
/// While its plan is a draft; once the family has agreed, a measure is dropped and another one added.
#[utoipa::path(patch, path = "/assistance-measures/{id}", params(("id" = Uuid, Path, description = "Id of the measure")),
    request_body = MeasureInput, responses((status = 200, description = "The measure as it is now", body = Measure)))]
pub async fn update_assistance_measure(change: Change<WritePlans>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    let vault = change.app().vault.clone();
    change.update(async |tx| service::update(tx, &vault, *id, patch).await).await
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
    let vault = change.app().vault.clone();
    change.update(async |tx| service::step(tx, &vault, step.id, step.action, body.0).await).await
}

/// List the history of a measure
#[utoipa::path(get, path = "/assistance-measures/{id}/history",
    params(("id" = Uuid, Path, description = "Id of the measure"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_assistance_measure_history(
    guard: Guard<ReadPlans>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, query.0).await.map(Json)
}
