//! Operations on tasks.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadProjects, WriteProjects};
use contract::projects::{Task, TaskAction, TaskInput, TaskQuery};
use contract::workflow::StepInput;
use domains::tasks::list::Tasks;
use domains::tasks::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(api, list_tasks, create_task, export_tasks, read_task, update_task, step_task, list_task_history);
}

listed! { Tasks: Task, TaskQuery, ReadProjects, "/tasks", "a task", "task", "tasks" =>
    list list_tasks "Those of one project, or of all projects of the caller's area, village or organisation.",
    export export_tasks "",
    read read_task "",
    history list_task_history "",
}

/// Add a task to a project
///
/// Before the project is submitted this withdraws the other side's consent, as any change of the plan.
#[utoipa::path(post, path = "/tasks", request_body = TaskInput,
    responses((status = 201, description = "The task", body = Task)))]
pub async fn create_task(change: Change<WriteProjects>, body: Body<TaskInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
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
