//! Projects.

use contract::campaigns::{Goal, Indicator};
use contract::projects::{FundingSource, Project, ProjectInput, ProjectQuery, ProjectState, ProjectSummary};
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Projects that fit the filters.
pub fn list(query: &ProjectQuery) -> Call<Page<ProjectSummary>> {
    Call::list("/projects", query)
}

/// One project.
pub fn read(id: &str) -> Call<Project> {
    Call::get(format!("/projects/{id}"))
}

/// Drafts one.
pub fn create(input: &Value) -> Call<Project> {
    Call::post("/projects", input)
}

impl Record for Project {
    type Input = ProjectInput;
    const WRITE: Permission = Permission::WriteProjects;

    fn path(&self) -> String {
        format!("/projects/{}", self.head.id)
    }

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

    fn version(&self) -> i32 {
        self.head.version
    }
}
