//! Operations on projects.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadProjects, WriteProjects};
use contract::projects::{Project, ProjectAction, ProjectInput, ProjectQuery, ProjectSummary};
use contract::workflow::StepInput;
use domains::projects::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Language, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_projects,
        create_project,
        export_projects,
        read_project,
        update_project,
        step_project,
        list_project_history
    );
}

/// List projects
///
/// Those of the caller's area, village or organisation.
#[utoipa::path(get, path = "/projects", params(ProjectQuery),
    responses((status = 200, description = "A page of projects", body = Page<ProjectSummary>)))]
pub async fn list_projects(guard: Guard<ReadProjects>, query: Query<ProjectQuery>) -> Result<Json<Page<ProjectSummary>>> {
    service::list(guard.db(), &guard, &query.0, guard.app().clock.today()).await.map(Json)
}

/// Draft a project
///
/// For a confirmed or active pairing, up to the campaign's limit (1-2个合作项目).
#[utoipa::path(post, path = "/projects", request_body = ProjectInput,
    responses((status = 201, description = "The project", body = Project)))]
pub async fn create_project(change: Change<WriteProjects>, body: Body<ProjectInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Export projects
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/projects/export", params(ProjectQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_projects(guard: Guard<ReadProjects>, query: Query<ProjectQuery>, language: Language) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a project
#[utoipa::path(get, path = "/projects/{id}", params(("id" = Uuid, Path, description = "Id of the project")),
    responses((status = 200, description = "The project", body = Project)))]
pub async fn read_project(guard: Guard<ReadProjects>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id, guard.app().clock.today()).await?)
}

/// Change a project
///
/// The plan before it is submitted, which withdraws the other side's consent; what is spent, by the organisation, once it runs.
#[utoipa::path(patch, path = "/projects/{id}", params(("id" = Uuid, Path, description = "Id of the project")),
    request_body = ProjectInput, responses((status = 200, description = "The project as it is now", body = Project)))]
pub async fn update_project(change: Change<WriteProjects>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a project
#[utoipa::path(post, path = "/projects/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the project"), ("action" = ProjectAction, Path, description = "The step")),
    responses((status = 200, description = "The project as it is now", body = Project)))]
pub async fn step_project(
    change: Change<WriteProjects>,
    step: Step<ProjectAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// List the history of a project
#[utoipa::path(get, path = "/projects/{id}/history", params(("id" = Uuid, Path, description = "Id of the project"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_project_history(
    guard: Guard<ReadProjects>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, guard.app().clock.today(), query.0).await.map(Json)
}
