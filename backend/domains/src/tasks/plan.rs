//! A project's plan as a whole: 将具体任务分解到季度、落实到月, in one request.

use std::collections::HashMap;

use contract::projects::{Project, ProjectState, Task, TaskInput, TaskQuery, TaskSort, TaskState, WRITERS};
use contract::task_plans::{MOST_TASKS, PlannedTask, TaskPlan, TaskPlanInput};
use contract::{ErrorCode, FieldError, Permission, Sort};
use entities::tasks::{ActiveModel, Entity, OBJECT};
use platform::audit::{self, Event};
use platform::coded::Code;
use platform::object::{Listed, Object};
use platform::{Asker, Error, Patch, Result, Tx, list, workflow};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::list::Tasks;
use super::policy;
use super::service::{columns, next_position};
use crate::projects;
use crate::projects::list::Projects;

/// The plan of a project.
///
/// # Errors
/// `not_found`.
pub async fn read(asker: &Asker<'_>, project_id: Uuid) -> Result<TaskPlan> {
    of(asker, &Projects::read(asker, project_id).await?).await
}

async fn of(asker: &Asker<'_>, project: &Project) -> Result<TaskPlan> {
    let id = project.head.id;
    let sort = Some(Sort { by: TaskSort::Month, descending: false });
    let all = TaskQuery { project_id: Some(id), sort, ..Default::default() };
    let limit = u32::try_from(MOST_TASKS).ok();
    let page = Tasks::list(asker, &TaskQuery { limit, total: Some(false), ..all.clone() }).await?;
    let (caller, state) = (asker.caller, project.head.state);
    let may = caller.may(Permission::WriteProjects) && WRITERS.contains(&caller.role);
    Ok(TaskPlan {
        project_id: id,
        project_title: project.details.title.clone(),
        project_state: state,
        starts_on: project.details.starts_on,
        ends_on: project.details.ends_on,
        left_out: page.next_cursor.is_some().then(|| list::address("/tasks", &all)).transpose()?,
        tasks: page.items,
        editable: may && ProjectState::PLANNING.contains(&state),
        version: 1 + entities::tasks::versions(&asker.db, id).await?,
    })
}

/// Writes the open tasks of a project and new ones, all or none, under the rules of each. A task that is left out stays as it is.
/// A plan has no more tasks than are read at once.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step` if the project's tasks can no longer change, `stale_version`, `validation_failed` at
/// the cells.
pub async fn update(tx: &Tx, project_id: Uuid, patch: Patch) -> Result<TaskPlan> {
    let caller = tx.caller()?;
    let project = projects::service::held(tx, project_id).await?;
    let asker = tx.asker()?;
    let before = of(&asker, &project).await?;
    tx.check_version(before.version)?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    if !before.editable {
        return Err(workflow::illegal(project.head.state, &project.head.allowed_actions));
    }
    let Some(input) = patch.changes::<TaskPlanInput>(&before.input())? else { return Ok(before) };
    let open: HashMap<_, _> =
        before.tasks.iter().filter(|task| task.state == TaskState::Open).map(|task| (task.id, task)).collect();
    let new = input.tasks.iter().filter(|planned| planned.id.is_none()).count();
    if new > 0 && (before.left_out.is_some() || before.tasks.len() + new > MOST_TASKS) {
        return Err(Error::field("/tasks", "too_many"));
    }
    let mut faults = input.faults();
    let mut rows = Vec::new();
    for (index, planned) in input.tasks.iter().enumerate() {
        let known = planned.id.and_then(|id| open.get(&id).copied());
        if planned.id.is_some() && known.is_none() {
            faults.push(FieldError::at(format!("/tasks/{index}/id"), "unknown"));
        }
        let row = row(planned, &project, known);
        let own = policy::faults(&row, project.details.starts_on, project.details.ends_on);
        faults.extend(own.into_iter().map(|fault| FieldError { pointer: format!("/tasks/{index}{}", fault.pointer), ..fault }));
        rows.push((known, row));
    }
    if !faults.is_empty() {
        return Err(Error::fields(faults));
    }
    let (new, changed) = write(tx, &project, rows).await?;
    if new.is_empty() && changed.is_empty() {
        return Ok(before);
    }
    projects::service::plan_changed(tx, &project).await?;
    let after = of(&asker, &project).await?;
    let entries = after.tasks.iter().filter_map(|task| {
        let id = task.id;
        if new.contains(&id) {
            return Some(tx.entry(Event::of(OBJECT, id, "create"), &(), task));
        }
        let old = open.get(&id).filter(|_| changed.contains(&id))?;
        Some(tx.entry(Event::of(OBJECT, id, "update"), &old.details, &task.details))
    });
    audit::record_all(tx, entries.collect()).await?;
    Ok(after)
}

/// The input of a row: what the grid does not say of a task stays as it is.
fn row(planned: &PlannedTask, project: &Project, known: Option<&Task>) -> TaskInput {
    TaskInput {
        project_id: project.head.id,
        month: planned.month,
        title: planned.title.clone(),
        responsible: planned.responsible,
        due_on: planned.due_on.unwrap_or_else(|| planned.month.last_day().min(project.details.ends_on)),
        weight: planned.weight,
        position: known.and_then(|task| task.details.position),
    }
}

/// Writes what is new or has changed. Returns the ids of both.
async fn write(tx: &Tx, project: &Project, rows: Vec<(Option<&Task>, TaskInput)>) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let (mut new, mut changed, mut models) = (Vec::new(), Vec::new(), Vec::new());
    let mut position = next_position(tx, project.head.id).await?;
    for (known, row) in rows {
        match known {
            Some(task) if task.details == row => {}
            Some(task) => {
                tx.write::<Entity>(task.id, task.version, columns(row)).await?;
                changed.push(task.id);
            }
            None => {
                let id = Uuid::now_v7();
                models.push(ActiveModel {
                    id: Set(id),
                    project_id: Set(project.head.id),
                    village_code: Set(project.head.village_code.clone()),
                    state: Set(Code(TaskState::Open)),
                    done_on: Set(None),
                    created_at: Set(tx.now),
                    updated_at: Set(tx.now),
                    version: Set(1),
                    ..columns(TaskInput { position: Some(position), ..row })
                });
                position += 1;
                new.push(id);
            }
        }
    }
    if !models.is_empty() {
        Entity::insert_many(models).exec_without_returning(&tx.connection).await?;
    }
    Ok((new, changed))
}
