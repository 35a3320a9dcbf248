//! Operations on findings.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::findings::{Finding, FindingAction, FindingInput, FindingQuery, FindingStepInput};
use contract::permission::need::{AnswerFindings, ReadInspections, WriteInspections};
use domains::findings;
use domains::findings::list::Findings;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_findings,
        create_finding,
        export_findings,
        read_finding,
        update_finding,
        step_finding,
        list_finding_history
    );
}

listed! { Findings: Finding, FindingQuery, ReadInspections, "/findings", "a finding", "finding", "findings" =>
    list list_findings "Those at the caller's pairings.",
    export export_findings "",
    read read_finding "",
    history list_finding_history "",
}

/// Write a finding
///
/// Of an inspection, while it is held or later.
#[utoipa::path(post, path = "/findings", request_body = FindingInput,
    responses((status = 201, description = "The finding", body = Finding)))]
pub async fn create_finding(change: Change<WriteInspections>, body: Body<FindingInput>) -> Result<HttpResponse> {
    change.create(async |tx| findings::service::create(tx, body.0).await).await
}

/// Change a finding
///
/// Until its rectification is submitted, and never by the responsible side.
#[utoipa::path(patch, path = "/findings/{id}", params(("id" = Uuid, Path, description = "Id of the finding")),
    request_body = FindingInput, responses((status = 200, description = "The finding as it is now", body = Finding)))]
pub async fn update_finding(change: Change<WriteInspections>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| findings::service::update(tx, *id, patch).await).await
}

/// Take a step of a finding
///
/// The responsible side rectifies and submits; somebody else verifies, and closes or reopens.
#[utoipa::path(post, path = "/findings/{id}/{action}", request_body = FindingStepInput,
    params(("id" = Uuid, Path, description = "Id of the finding"), ("action" = FindingAction, Path, description = "The step")),
    responses((status = 200, description = "The finding as it is now", body = Finding)))]
pub async fn step_finding(
    change: Change<AnswerFindings>,
    step: Step<FindingAction>,
    body: Body<FindingStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| findings::service::step(tx, step.id, step.action, body.0).await).await
}
