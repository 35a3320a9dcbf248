//! Operations on assignments.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::assignments::{
    AcceptInput, Assignment, AssignmentCertificate, AssignmentComparison, AssignmentInput, AssignmentLine, AssignmentLineQuery,
    AssignmentQuery, AssignmentReasons, ComparisonQuery, WhyNot, WhyNotQuery,
};
use contract::permission::need::{ReadAssignments, WriteAssignments};
use contract::workflow::StepInput;
use domains::assignments::list::{AssignmentLines, Assignments};
use domains::assignments::service;
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Guard, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_assignments,
        create_assignment,
        read_assignment,
        list_assignment_history,
        read_assignment_reasons,
        read_assignment_certificate,
        explain_assignment_pair,
        compare_assignments,
        accept_assignment,
        discard_assignment,
        list_assignment_lines,
        export_assignment_lines
    );
}

listed! { Assignments: Assignment, AssignmentQuery, ReadAssignments, "/assignments", "an assignment", "assignment", "assignments" =>
    list list_assignments "Those of the caller's area.",
    read read_assignment "",
    history list_assignment_history "",
}

listed! { AssignmentLines: AssignmentLine, AssignmentLineQuery, ReadAssignments,
    "/assignment-lines", "a line of an assignment", "line", "lines of assignments" =>
    list list_assignment_lines "Who should be paired with whom, each with its score term by term.",
    export export_assignment_lines ", with the reasons in words",
}

/// Compute an assignment
///
/// The best assignment of the campaign's confirmed organisations to its confirmed villages: no other one meets more wishes of chambers
/// of commerce for a village of their town (原则上, so they are advice), and none that meets as many scores more. Its proof is checked
/// before it is kept. Pairs that there are already take places; what was declined or terminated is not made again unless it is pinned.
/// For up to 1,000 organisations and 5,000 villages (`/campaign_id`, `too_many`), and ten seconds (`assignment_too_long`). Demands that
/// contradict each other are named at their pins (`pinned_and_forbidden`, `beyond_capacity`). It changes nothing in the campaign.
#[utoipa::path(post, path = "/assignments", request_body = AssignmentInput,
    responses((status = 201, description = "The assignment", body = Assignment)))]
pub async fn create_assignment(change: Change<WriteAssignments>, body: Body<AssignmentInput>) -> Result<HttpResponse> {
    let draft = service::compute(&change.asker(), body.0).await?;
    change.create(async |tx| service::keep(tx, draft).await).await
}

/// Read why an assignment is as it is
///
/// Who stays without and why, which chambers compete for which villages, which pairs both sides would rather have by their rankings, and
/// the assignments that would be stable by them: the best one for all organisations at once, and the best one for all villages.
#[utoipa::path(get, path = "/assignments/{id}/reasons", params(("id" = Uuid, Path, description = "Id of the assignment")),
    responses((status = 200, description = "The reasons", body = AssignmentReasons)))]
pub async fn read_assignment_reasons(guard: Guard<ReadAssignments>, id: Path<Uuid>) -> Result<Json<AssignmentReasons>> {
    service::reasons(&guard.asker(), *id).await.map(Json)
}

/// Read the certificate of an assignment
///
/// A price for a place of each side. Every pair needs a place of both, so all places at their prices, with what pairs score beyond
/// them, limit what any assignment can be worth; this one is worth as much.
#[utoipa::path(get, path = "/assignments/{id}/certificate", params(("id" = Uuid, Path, description = "Id of the assignment")),
    responses((status = 200, description = "The certificate", body = AssignmentCertificate)))]
pub async fn read_assignment_certificate(guard: Guard<ReadAssignments>, id: Path<Uuid>) -> Result<Json<AssignmentCertificate>> {
    service::certificate(&guard.asker(), *id).await.map(Json)
}

/// Ask why two are not paired
///
/// By how much the prices of both exceed their score, what the best assignment with this pair would lose, and who would give way. It is
/// computed from the campaign as it is, so it is refused (`assignment_stale`) once that has changed.
#[utoipa::path(get, path = "/assignments/{id}/why-not", params(("id" = Uuid, Path, description = "Id of the assignment"), WhyNotQuery),
    responses((status = 200, description = "Why not", body = WhyNot),
        (status = 409, description = "The campaign has changed since, or it takes too long to compute", body = contract::Problem,
            content_type = "application/problem+json")))]
pub async fn explain_assignment_pair(
    guard: Guard<ReadAssignments>,
    id: Path<Uuid>,
    query: Query<WhyNotQuery>,
) -> Result<Json<WhyNot>> {
    service::why_not(&guard.asker(), *id, query.0).await.map(Json)
}

/// Compare two assignments
#[utoipa::path(get, path = "/assignments/{id}/comparison",
    params(("id" = Uuid, Path, description = "Id of the assignment"), ComparisonQuery),
    responses((status = 200, description = "Both side by side", body = AssignmentComparison)))]
pub async fn compare_assignments(
    guard: Guard<ReadAssignments>,
    id: Path<Uuid>,
    query: Query<ComparisonQuery>,
) -> Result<Json<AssignmentComparison>> {
    service::compare(&guard.asker(), *id, query.0.other_id).await.map(Json)
}

/// Turn lines into recommended pairings
///
/// All or none. Both sides answer each of them, and its note tells why. Refused once the campaign has changed since the assignment was
/// computed (`assignment_stale`: compute it again), and where somebody has turned it already (`illegal_step`).
#[utoipa::path(post, path = "/assignments/{id}/accept", params(("id" = Uuid, Path, description = "Id of the assignment")),
    request_body = AcceptInput, responses((status = 200, description = "The assignment as it is now", body = Assignment)))]
pub async fn accept_assignment(
    change: Change<WriteAssignments>,
    id: Path<Uuid>,
    body: Body<AcceptInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::accept(tx, *id, body.0).await).await
}

/// Discard a draft
///
/// It leaves the list unless that is filtered by its state, and keeps its lines and its history. What became recommendations cannot be
/// discarded (`illegal_step`).
#[utoipa::path(post, path = "/assignments/{id}/discard", params(("id" = Uuid, Path, description = "Id of the assignment")),
    request_body = StepInput, responses((status = 200, description = "The assignment as it is now", body = Assignment)))]
pub async fn discard_assignment(change: Change<WriteAssignments>, id: Path<Uuid>, body: Body<StepInput>) -> Result<HttpResponse> {
    change.update(async |tx| service::discard(tx, *id, body.0).await).await
}
