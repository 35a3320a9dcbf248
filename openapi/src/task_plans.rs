//! A project's plan as a grid of tasks and months (将具体任务分解到季度、落实到月), written in one request.

use chrono::NaiveDate;
use uuid::Uuid;
use validator::Validate;

use crate::month::Month;
use crate::projects::{ProjectState, ResponsibleSide, Task, TaskState};
use crate::{FieldError, answer, input};

/// The most tasks of a plan.
pub const MOST_TASKS: usize = 200;

/// A task of a plan.
#[input]
pub struct PlannedTask {
    /// The open task that it is; none for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    #[limit(1..=200, line)]
    pub title: String,
    pub responsible: ResponsibleSide,
    pub month: Month,
    /// Its last day; that of its month, inside of the project, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(date)]
    pub due_on: Option<NaiveDate>,
    /// Its weight among the tasks of the project.
    #[limit(1..=100, default = 1)]
    #[serde(default = "one")]
    pub weight: i32,
}

fn one() -> i32 {
    1
}

/// The open tasks of a project, and new ones. One that is left out stays as it is: a task ends by its own steps.
#[input]
pub struct TaskPlanInput {
    #[limit(..=200, nested)]
    pub tasks: Vec<PlannedTask>,
}

impl TaskPlanInput {
    /// The faults that lie between rows: a task stands in one of them.
    pub fn faults(&self) -> Vec<FieldError> {
        let again = |index: usize, id: Option<Uuid>| id.is_some() && self.tasks[..index].iter().any(|other| other.id == id);
        let twice = self.tasks.iter().enumerate().filter(|(index, task)| again(*index, task.id));
        twice.map(|(index, _)| FieldError::at(format!("/tasks/{index}/id"), "duplicate")).collect()
    }
}

/// The plan of a project.
#[answer]
pub struct TaskPlan {
    pub project_id: Uuid,
    #[limit(..=100)]
    pub project_title: String,
    pub project_state: ProjectState,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// By month, done and cancelled ones as well.
    #[limit(..=200)]
    pub tasks: Vec<Task>,
    /// Path and query, below `/api/v1`, of the list of all of them, where there are more.
    #[limit(..=300, example = "/tasks?project_id=0190a3b2-0000-7000-8000-000000000001")]
    pub left_out: Option<String>,
    /// True where the caller may change it.
    pub editable: bool,
    /// Rises with each change of a task; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

impl TaskPlan {
    /// What can be changed: the open tasks.
    pub fn input(&self) -> TaskPlanInput {
        let open = self.tasks.iter().filter(|task| task.state == TaskState::Open);
        let planned = open.map(|task| PlannedTask {
            id: Some(task.id),
            title: task.details.title.clone(),
            responsible: task.details.responsible,
            month: task.details.month,
            due_on: Some(task.details.due_on),
            weight: task.details.weight,
        });
        TaskPlanInput { tasks: planned.collect() }
    }

    /// The months of the project, of which each task has one. Never more than a form can show.
    pub fn months(&self) -> Vec<Month> {
        let (first, last) = (Month::of(self.starts_on), Month::of(self.ends_on));
        first.onwards().take_while(|month| *month <= last).take(36).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_stands_in_one_row_and_new_ones_in_as_many_as_there_are() {
        let row = |id: Option<u128>| PlannedTask {
            id: id.map(Uuid::from_u128),
            title: "修路".into(),
            responsible: ResponsibleSide::Village,
            month: "2020-06".parse().unwrap(),
            due_on: None,
            weight: 1,
        };
        let faults = |ids: &[Option<u128>]| {
            let input = TaskPlanInput { tasks: ids.iter().copied().map(row).collect() };
            input.faults().into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert_eq!(faults(&[None, None, Some(1), Some(2)]), [""; 0]);
        assert_eq!(faults(&[Some(1), None, Some(1)]), ["/tasks/2/id"]);
    }
}
