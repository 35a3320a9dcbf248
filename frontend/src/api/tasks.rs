//! Tasks.

use contract::projects::{ResponsibleSide, Task, TaskInput, TaskQuery, TaskState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Tasks that fit the filters.
pub fn list(query: &TaskQuery) -> Call<Page<Task>> {
    Call::list("/tasks", query)
}

/// One task.
pub fn read(id: &str) -> Call<Task> {
    Call::get(format!("/tasks/{id}"))
}

/// Adds a task to its project.
pub fn create(input: &Value) -> Call<Task> {
    Call::post("/tasks", input)
}

impl Record for Task {
    type Input = TaskInput;
    const WRITE: Permission = Permission::WriteProjects;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => TaskState::from_code(code).map(|state| state.label(lang)),
            "responsible" => ResponsibleSide::from_code(code).map(|side| side.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Task {
    type Edit = TaskInput;

    fn edit(&self) -> TaskInput {
        self.details.clone()
    }
}
