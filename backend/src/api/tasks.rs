//! Operations on tasks.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};
use contract::Page;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::imports::Workbook;
use contract::permission::need::{ReadProjects, WriteProjects};
use contract::projects::{Task, TaskAction, TaskInput, TaskQuery};
use contract::workflow::StepInput;
use domains::tasks::{service, workbook};
use platform::api::Api;
use platform::download::Download;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Language, Patch, Query, Result, change};
use uuid::Uuid;

pub fn add(api: &mut Api) {
    routes!(api, list_tasks, create_task, export_tasks, read_task, update_task, step_task, list_task_history);
}

/// List tasks
///
/// Those of one project, or of all projects of the caller's area, village or organisation.
#[utoipa::path(get, path = "/tasks", params(TaskQuery),
    responses((status = 200, description = "A page of tasks", body = Page<Task>)))]
pub async fn list_tasks(guard: Guard<ReadProjects>, query: Query<TaskQuery>) -> Result<Json<Page<Task>>> {
    service::list(guard.db(), &guard, &query.0, guard.app().clock.today()).await.map(Json)
}

/// Add a task to a project
///
/// Before the project is submitted this withdraws the other side's consent, as any change of the plan.
#[utoipa::path(post, path = "/tasks", request_body = TaskInput,
    responses((status = 201, description = "The task", body = Task)))]
pub async fn create_task(change: Change<WriteProjects>, body: Body<TaskInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Export tasks
///
/// All that the list shows with the same filters and order, as an .xlsx workbook.
#[utoipa::path(get, path = "/tasks/export", params(TaskQuery), responses(
    (status = 200, description = "The workbook", body = Workbook, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn export_tasks(guard: Guard<ReadProjects>, query: Query<TaskQuery>, language: Language) -> Result<Download> {
    workbook::export(guard.app(), &guard, &query.0, language.0).await
}

/// Read a task
#[utoipa::path(get, path = "/tasks/{id}", params(("id" = Uuid, Path, description = "Id of the task")),
    responses((status = 200, description = "The task", body = Task)))]
pub async fn read_task(guard: Guard<ReadProjects>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&service::read(guard.db(), &guard, *id, guard.app().clock.today()).await?)
}

/// Change a task that is open
#[utoipa::path(patch, path = "/tasks/{id}", params(("id" = Uuid, Path, description = "Id of the task")),
    request_body = TaskInput, responses((status = 200, description = "The task as it is now", body = Task)))]
pub async fn update_task(change: Change<WriteProjects>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a task
#[utoipa::path(post, path = "/tasks/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the task"), ("action" = TaskAction, Path, description = "The step")),
    responses((status = 200, description = "The task as it is now", body = Task)))]
pub async fn step_task(change: Change<WriteProjects>, step: Step<TaskAction>, body: Body<StepInput>) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}

/// List the history of a task
#[utoipa::path(get, path = "/tasks/{id}/history", params(("id" = Uuid, Path, description = "Id of the task"), HistoryQuery),
    responses((status = 200, description = "A page of changes, newest first", body = Page<HistoryEntry>)))]
pub async fn list_task_history(
    guard: Guard<ReadProjects>,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryEntry>>> {
    service::history(guard.db(), &guard, *id, guard.app().clock.today(), query.0).await.map(Json)
}
