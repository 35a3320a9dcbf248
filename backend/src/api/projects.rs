//! Operations on projects.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::permission::need::{ReadProjects, WriteProjects};
use contract::projects::{Project, ProjectAction, ProjectInput, ProjectQuery, ProjectSummary};
use contract::workflow::StepInput;
use domains::projects::list::Projects;
use domains::projects::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
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
