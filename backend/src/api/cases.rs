//! Operations on cases, good practices, and who has taken them up.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::cases::{Case, CaseAction, CaseInput, CaseQuery, CaseStepInput, Uptake, UptakeInput, UptakeQuery};
use contract::permission::need::{ReadCases, TakeUpCases, WriteCases};
use domains::cases::list::Cases;
use domains::uptakes::list::Uptakes;
use domains::{cases, uptakes};
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_cases,
        create_case,
        export_cases,
        read_case,
        update_case,
        step_case,
        list_case_history,
        list_case_uptakes,
        create_case_uptake,
        export_case_uptakes,
        read_case_uptake,
        update_case_uptake,
        list_case_uptake_history
    );
}

listed! { Cases: Case, CaseQuery, ReadCases, "/cases", "a case or a good practice", "case", "cases and good practices" =>
    list list_cases "What is published, for everybody in the county; the rest for its own sides and whoever answers for the area.",
    export export_cases "",
    read read_case "",
    history list_case_history "",
}

/// Nominate a case, or a good practice
///
/// A case is of a pairing with a village, and tells how things were, what was done and what came of it. A good practice may be of no
/// pairing. What everybody may read names no family: texts that hold a name or number of one of the village are refused at their
/// fields (`names_family`), and there is no second look.
#[utoipa::path(post, path = "/cases", request_body = CaseInput, responses((status = 201, description = "The case", body = Case)))]
pub async fn create_case(change: Change<WriteCases>, body: Body<CaseInput>) -> Result<HttpResponse> {
    change.create(async |tx| cases::service::create(tx, body.0).await).await
}

/// Change a case
///
/// Whoever nominates does until it is selected, the bureau until it is published. What is published is taken down first.
#[utoipa::path(patch, path = "/cases/{id}", params(("id" = Uuid, Path, description = "Id of the case")),
    request_body = CaseInput, responses((status = 200, description = "The case as it is now", body = Case)))]
pub async fn update_case(change: Change<WriteCases>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| cases::service::update(tx, *id, patch).await).await
}

/// Take a step of a case
///
/// The bureau selects and returns with a reason, publishes, and takes down with a reason. Publishing needs `people_shown`: that all
/// who are shown have agreed, or that nobody is. Who says so, and when, stays with the case while it is published.
#[utoipa::path(post, path = "/cases/{id}/{action}", request_body = CaseStepInput,
    params(("id" = Uuid, Path, description = "Id of the case"), ("action" = CaseAction, Path, description = "The step")),
    responses((status = 200, description = "The case as it is now", body = Case)))]
pub async fn step_case(change: Change<WriteCases>, step: Step<CaseAction>, body: Body<CaseStepInput>) -> Result<HttpResponse> {
    change.update(async |tx| cases::service::step(tx, step.id, step.action, body.0).await).await
}

listed! { Uptakes: Uptake, UptakeQuery, ReadCases,
    "/case-uptakes", "an uptake of a case", "uptake", "uptakes of cases" =>
    list list_case_uptakes "Those of the cases that the caller reads.",
    export export_case_uptakes "",
    read read_case_uptake "",
    history list_case_uptake_history "",
}

/// Take up a case
///
/// A pairing, or a village or an organisation by itself, says that it does what others have done. Each of them once.
#[utoipa::path(post, path = "/case-uptakes", request_body = UptakeInput,
    responses((status = 201, description = "The uptake", body = Uptake)))]
pub async fn create_case_uptake(change: Change<TakeUpCases>, body: Body<UptakeInput>) -> Result<HttpResponse> {
    change.create(async |tx| uptakes::service::create(tx, body.0).await).await
}

/// Change an uptake of a case
#[utoipa::path(patch, path = "/case-uptakes/{id}", params(("id" = Uuid, Path, description = "Id of the uptake")),
    request_body = UptakeInput, responses((status = 200, description = "The uptake as it is now", body = Uptake)))]
pub async fn update_case_uptake(change: Change<TakeUpCases>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| uptakes::service::update(tx, *id, patch).await).await
}
