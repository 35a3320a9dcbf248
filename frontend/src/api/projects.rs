//! Projects.

use contract::campaigns::{Goal, Indicator};
use contract::projects::{FundingSource, Project, ProjectInput, ProjectQuery, ProjectState, ProjectSummary, ResponsibleSide};
use contract::task_plans::{TaskPlan, TaskPlanInput};
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{self, Choice, LIMIT, Source, text};

/// Projects that fit the filters.
pub fn list(query: &ProjectQuery) -> Call<Page<ProjectSummary>> {
    Call::list("/projects", query)
}

/// One project.
pub fn read(id: &str) -> Call<Project> {
    Call::get(format!("/projects/{id}"))
}

/// The plan of a project.
pub fn plan(id: &str) -> Call<TaskPlan> {
    Call::get(format!("/projects/{id}/plan"))
}

/// Drafts a project.
pub fn create(input: &Value) -> Call<Project> {
    Call::post("/projects", input)
}

impl Record for Project {
    type Input = ProjectInput;
    const WRITE: Permission = Permission::WriteProjects;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => ProjectState::from_code(code).map(|state| state.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            "industry" => Industry::from_code(code).map(|industry| industry.label(lang)),
            "source" => FundingSource::from_code(code).map(|source| source.label(lang)),
            "indicator" => Indicator::from_code(code).map(|indicator| indicator.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Project {
    type Edit = ProjectInput;

    fn edit(&self) -> ProjectInput {
        self.details.clone()
    }
}

impl Record for TaskPlan {
    type Input = TaskPlanInput;
    const WRITE: Permission = Permission::WriteProjects;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "responsible" => ResponsibleSide::from_code(code).map(|side| side.label(lang)),
            _ => None,
        }
    }
}

impl Editable for TaskPlan {
    type Edit = TaskPlanInput;

    fn edit(&self) -> TaskPlanInput {
        self.input()
    }
}

/// Projects for new tasks, by their titles: those whose tasks can still change.
pub const PROJECTS: Source = Source {
    search: |q| search(q).boxed_local(),
    find: |id| {
        async move {
            let project = read(&id).send().await?;
            Ok(Choice { value: id, label: project.details.title, hint: project.head.village_name })
        }
        .boxed_local()
    },
};

/// The projects of a pairing, whatever their state.
pub async fn of_pairing(q: String, pairing_id: Uuid) -> Result<Vec<Choice>, ApiError> {
    let (q, pairing_id) = (text(q), Some(pairing_id));
    let query = ProjectQuery { q, pairing_id, limit: Some(LIMIT), total: Some(false), ..Default::default() };
    Ok(list(&query).send().await?.items.into_iter().map(choice).collect())
}

fn choice(project: ProjectSummary) -> Choice {
    Choice { value: project.head.id.to_string(), label: project.title, hint: project.head.village_name }
}

async fn search(q: String) -> Result<Vec<Choice>, ApiError> {
    picker::of_each(ProjectState::PLANNING, async |state| {
        let (q, state) = (text(q.clone()), Some(state));
        let query = ProjectQuery { q, state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
        let page = list(&query).send().await?;
        Ok(page.items.into_iter().map(choice).collect())
    })
    .await
}
