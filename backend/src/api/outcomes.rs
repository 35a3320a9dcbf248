//! Operations on outcomes.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::outcomes::{IndicatorTotal, Outcome, OutcomeAction, OutcomeDetailsInput, OutcomeInput, OutcomeQuery, TotalsQuery};
use contract::permission::need::{ReadProgress, WriteProgress};
use contract::workflow::StepInput;
use domains::outcomes::list::Outcomes;
use domains::outcomes::{figures, service};
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_outcomes,
        create_outcome,
        export_outcomes,
        list_outcome_totals,
        read_outcome,
        update_outcome,
        step_outcome,
        list_outcome_history
    );
}

listed! { Outcomes: Outcome, OutcomeQuery, ReadProgress, "/outcomes", "an outcome", "outcome", "outcomes" =>
    list list_outcomes "Those of pairings of the caller's area, village or organisation.",
    export export_outcomes "",
    read read_outcome "",
    history list_outcome_history "",
}

/// Record an outcome
///
/// Something counted that happened while the pairing was active, or the correction of such.
#[utoipa::path(post, path = "/outcomes", request_body = OutcomeInput,
    responses((status = 201, description = "The outcome", body = Outcome)))]
pub async fn create_outcome(change: Change<WriteProgress>, body: Body<OutcomeInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Add up outcomes
///
/// What was confirmed, by indicator, beside what the campaign wants: indicators with either of the two.
#[utoipa::path(get, path = "/outcomes/totals", params(TotalsQuery),
    responses((status = 200, description = "The totals, in the order of indicators", body = Vec<IndicatorTotal>)))]
pub async fn list_outcome_totals(guard: Guard<ReadProgress>, query: Query<TotalsQuery>) -> Result<Json<Vec<IndicatorTotal>>> {
    figures::totals(&guard.asker(), &query.0).await.map(Json)
}

/// Change an outcome
///
/// Until it is confirmed; after that it is corrected by another one.
#[utoipa::path(patch, path = "/outcomes/{id}", params(("id" = Uuid, Path, description = "Id of the outcome")),
    request_body = OutcomeDetailsInput, responses((status = 200, description = "The outcome as it is now", body = Outcome)))]
pub async fn update_outcome(change: Change<WriteProgress>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of an outcome
///
/// Confirming a correction makes what it corrects `corrected`.
#[utoipa::path(post, path = "/outcomes/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the outcome"), ("action" = OutcomeAction, Path, description = "The step")),
    responses((status = 200, description = "The outcome as it is now", body = Outcome)))]
pub async fn step_outcome(
    change: Change<WriteProgress>,
    step: Step<OutcomeAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
