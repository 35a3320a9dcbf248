//! Operations on inspections: checklists, rounds, and what is seen at each pairing.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::inspections::{
    Checklist, ChecklistAction, ChecklistInput, ChecklistQuery, Draw, Inspection, InspectionAction, InspectionInput,
    InspectionQuery, InspectionRound, InspectionStepInput, Inspector, InspectorQuery, RoundAction, RoundInput, RoundQuery,
    RoundStepInput,
};
use contract::permission::need::{ReadInspections, ReadRounds, WriteChecklists, WriteInspections};
use contract::workflow::StepInput;
use domains::checklists::list::Checklists;
use domains::inspection_rounds::list::Rounds;
use domains::inspections::list::Inspections;
use domains::{checklists, inspection_rounds, inspections};
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Query, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_checklists,
        create_checklist,
        export_checklists,
        read_checklist,
        update_checklist,
        step_checklist,
        list_checklist_history,
        list_inspection_rounds,
        create_inspection_round,
        export_inspection_rounds,
        read_inspection_round,
        update_inspection_round,
        read_inspection_draw,
        step_inspection_round,
        list_inspection_round_history,
        list_inspections,
        create_inspection,
        export_inspections,
        list_inspectors,
        read_inspection,
        update_inspection,
        step_inspection,
        list_inspection_history
    );
}

listed! { Checklists: Checklist, ChecklistQuery, ReadRounds, "/checklists", "a checklist", "checklist", "checklists" =>
    list list_checklists "Those of the county.",
    export export_checklists "",
    read read_checklist "",
    history list_checklist_history "",
}

/// Write a checklist
///
/// It is a draft until it is put into use.
#[utoipa::path(post, path = "/checklists", request_body = ChecklistInput,
    responses((status = 201, description = "The checklist", body = Checklist)))]
pub async fn create_checklist(change: Change<WriteChecklists>, body: Body<ChecklistInput>) -> Result<HttpResponse> {
    change.create(async |tx| checklists::service::create(tx, body.0).await).await
}

/// Change a checklist
///
/// Rounds that were opened keep the items that it had then.
#[utoipa::path(patch, path = "/checklists/{id}", params(("id" = Uuid, Path, description = "Id of the checklist")),
    request_body = ChecklistInput, responses((status = 200, description = "The checklist as it is now", body = Checklist)))]
pub async fn update_checklist(change: Change<WriteChecklists>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| checklists::service::update(tx, *id, patch).await).await
}

/// Take a step of a checklist
#[utoipa::path(post, path = "/checklists/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the checklist"), ("action" = ChecklistAction, Path, description = "The step")),
    responses((status = 200, description = "The checklist as it is now", body = Checklist)))]
pub async fn step_checklist(
    change: Change<WriteChecklists>,
    step: Step<ChecklistAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| checklists::service::step(tx, step.id, step.action, body.0).await).await
}

listed! { Rounds: InspectionRound, RoundQuery, ReadRounds, "/inspection-rounds", "a round of inspections", "round",
    "rounds of inspections" =>
    list list_inspection_rounds "Those that offices of the caller's area hold; a town sees those of its county as well.",
    export export_inspection_rounds "",
    read read_inspection_round "",
    history list_inspection_round_history "",
}

/// Plan a round of inspections
///
/// The bureau plans for its county, a town office for its town. It is a draft until it is opened.
#[utoipa::path(post, path = "/inspection-rounds", request_body = RoundInput,
    responses((status = 201, description = "The round", body = InspectionRound)))]
pub async fn create_inspection_round(change: Change<WriteInspections>, body: Body<RoundInput>) -> Result<HttpResponse> {
    change.create(async |tx| inspection_rounds::service::create(tx, body.0).await).await
}

/// Change a round of inspections
///
/// Until it is opened.
#[utoipa::path(patch, path = "/inspection-rounds/{id}", params(("id" = Uuid, Path, description = "Id of the round")),
    request_body = RoundInput, responses((status = 200, description = "The round as it is now", body = InspectionRound)))]
pub async fn update_inspection_round(change: Change<WriteInspections>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| inspection_rounds::service::update(tx, *id, patch).await).await
}

/// Read what a round chooses from, and what it chooses
///
/// Of a draft, as it would be now: the preview before opening. Of a round that was opened, as it was then.
#[utoipa::path(get, path = "/inspection-rounds/{id}/draw", params(("id" = Uuid, Path, description = "Id of the round")),
    responses((status = 200, description = "The draw", body = Draw)))]
pub async fn read_inspection_draw(guard: Guard<ReadRounds>, id: Path<Uuid>) -> Result<Json<Draw>> {
    inspection_rounds::service::read_draw(&guard.asker(), *id).await.map(Json)
}

/// Take a step of a round of inspections
///
/// Opening keeps the items of the checklist and the draw, and plans an inspection of each pairing that is chosen. Closing needs all
/// of them held or cancelled.
#[utoipa::path(post, path = "/inspection-rounds/{id}/{action}", request_body = RoundStepInput,
    params(("id" = Uuid, Path, description = "Id of the round"), ("action" = RoundAction, Path, description = "The step")),
    responses((status = 200, description = "The round as it is now", body = InspectionRound)))]
pub async fn step_inspection_round(
    change: Change<WriteInspections>,
    step: Step<RoundAction>,
    body: Body<RoundStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| inspection_rounds::service::step(tx, step.id, step.action, body.0).await).await
}

listed! { Inspections: Inspection, InspectionQuery, ReadInspections, "/inspections", "an inspection", "inspection", "inspections" =>
    list list_inspections "Those of the caller's pairings.",
    export export_inspections "",
    read read_inspection "",
    history list_inspection_history "",
}

/// Add an inspection to a round
///
/// Of one more pairing, while the round is open.
#[utoipa::path(post, path = "/inspections", request_body = InspectionInput,
    responses((status = 201, description = "The inspection", body = Inspection)))]
pub async fn create_inspection(change: Change<WriteInspections>, body: Body<InspectionInput>) -> Result<HttpResponse> {
    change.create(async |tx| inspections::service::create(tx, body.0).await).await
}

/// List those who can inspect
///
/// Accounts of the caller's area, of the bureau and of towns.
#[utoipa::path(get, path = "/inspections/inspectors", params(InspectorQuery),
    responses((status = 200, description = "A page of accounts", body = Page<Inspector>)))]
pub async fn list_inspectors(guard: Guard<WriteInspections>, query: Query<InspectorQuery>) -> Result<Json<Page<Inspector>>> {
    inspections::inspectors::list(&guard.asker(), &query.0).await.map(Json)
}

/// Change an inspection
///
/// Who inspects, when, and what is seen, bit by bit, until it is completed.
#[utoipa::path(patch, path = "/inspections/{id}", params(("id" = Uuid, Path, description = "Id of the inspection")),
    request_body = InspectionInput, responses((status = 200, description = "The inspection as it is now", body = Inspection)))]
pub async fn update_inspection(change: Change<WriteInspections>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| inspections::service::update(tx, *id, patch).await).await
}

/// Take a step of an inspection
///
/// Completing needs the day, a result of each item and a conclusion, and may bring them.
#[utoipa::path(post, path = "/inspections/{id}/{action}", request_body = InspectionStepInput,
    params(("id" = Uuid, Path, description = "Id of the inspection"),
        ("action" = InspectionAction, Path, description = "The step")),
    responses((status = 200, description = "The inspection as it is now", body = Inspection)))]
pub async fn step_inspection(
    change: Change<WriteInspections>,
    step: Step<InspectionAction>,
    body: Body<InspectionStepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| inspections::service::step(tx, step.id, step.action, body.0).await).await
}
