//! Operations on projects.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadProjects, WriteProjects};
use contract::projects::{Project, ProjectAction, ProjectInput, ProjectQuery, ProjectSummary};
use contract::task_plans::{TaskPlan, TaskPlanInput};
use contract::workflow::StepInput;
use domains::projects::list::Projects;
use domains::projects::service;
use domains::tasks::plan;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Guard, Patch, Result, change};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_projects,
        create_project,
        export_projects,
        read_project,
        update_project,
        read_project_plan,
        update_project_plan,
        step_project,
        list_project_history
    );
}

listed! { Projects: Project as ProjectSummary, ProjectQuery, ReadProjects, "/projects", "a project", "project", "projects" =>
    list list_projects "Those of the caller's area, village or organisation.",
    export export_projects "",
    read read_project "",
    history list_project_history "",
}

/// Draft a project
///
/// For a confirmed or active pairing, up to the campaign's limit (1-2个合作项目).
#[utoipa::path(post, path = "/projects", request_body = ProjectInput,
    responses((status = 201, description = "The project", body = Project)))]
pub async fn create_project(change: Change<WriteProjects>, body: Body<ProjectInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a project
///
/// The plan before it is submitted, which withdraws the other side's consent; what is spent, by the organisation, once it runs.
#[utoipa::path(patch, path = "/projects/{id}", params(("id" = Uuid, Path, description = "Id of the project")),
    request_body = ProjectInput, responses((status = 200, description = "The project as it is now", body = Project)))]
pub async fn update_project(change: Change<WriteProjects>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Read the plan of a project
///
/// Its tasks by month.
#[utoipa::path(get, path = "/projects/{id}/plan", params(("id" = Uuid, Path, description = "Id of the project")),
    responses((status = 200, description = "The plan", body = TaskPlan)))]
pub async fn read_project_plan(guard: Guard<ReadProjects>, id: Path<Uuid>) -> Result<HttpResponse> {
    change::read(&plan::read(&guard.asker(), *id).await?)
}

/// Change the plan of a project
///
/// Its open tasks and new ones, all or none; `tasks` replaces the list, and a task that is left out of it stays as it is. The rules are
/// those of each task. Before the project is submitted this withdraws the other side's consent. A plan has at most 200 tasks (`/tasks`,
/// `too_many`).
#[utoipa::path(patch, path = "/projects/{id}/plan", params(("id" = Uuid, Path, description = "Id of the project")),
    request_body = TaskPlanInput, responses((status = 200, description = "The plan as it is now", body = TaskPlan)))]
pub async fn update_project_plan(change: Change<WriteProjects>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| plan::update(tx, *id, patch).await).await
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
