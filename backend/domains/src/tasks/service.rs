//! Plans tasks and records their progress.

use contract::projects::{Project, ProjectState, Task, TaskAction, TaskInput, TaskState, WRITERS};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode};
use entities::tasks::{ActiveModel, Column, Entity, OBJECT};
use platform::audit::Event;
use platform::coded::Code;
use platform::object::Object;
use platform::{Error, Patch, Result, Tx, columns, spelling, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect};

use super::list::Tasks;
use super::policy::{self, Facts};
use crate::projects;

/// Adds a task to a project.
///
/// # Errors
/// `validation_failed`, `forbidden`, `illegal_step` if the project's tasks can no longer change.
pub async fn create(tx: &Tx, input: TaskInput) -> Result<Task> {
    let caller = tx.caller()?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let project = projects::service::held(tx, input.project_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/project_id", "unknown"),
        _ => error,
    })?;
    if !ProjectState::PLANNING.contains(&project.head.state) {
        return Err(workflow::illegal(project.head.state, &project.head.allowed_actions));
    }
    check(&input, &project)?;
    let position = match input.position {
        Some(position) => position,
        None => next_position(tx, input.project_id).await?,
    };
    let id = Uuid::now_v7();
    let row = ActiveModel {
        id: Set(id),
        project_id: Set(input.project_id),
        village_code: Set(project.head.village_code.clone()),
        state: Set(Code(TaskState::Open)),
        done_on: Set(None),
        created_at: Set(tx.now),
        updated_at: Set(tx.now),
        version: Set(1),
        ..columns(TaskInput { position: Some(position), ..input })
    };
    Entity::insert(row).exec_without_returning(&tx.connection).await?;
    projects::service::plan_changed(tx, &project).await?;
    let made = Tasks::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

pub(super) async fn next_position(tx: &Tx, project_id: Uuid) -> Result<i32> {
    let tasks = Entity::find().filter(Column::ProjectId.eq(project_id));
    let last: Option<Option<i32>> =
        tasks.select_only().column_as(Column::Position.max(), "last").into_tuple().one(&tx.connection).await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

/// Changes a task that is open.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn update(tx: &Tx, id: Uuid, patch: Patch) -> Result<Task> {
    let caller = tx.caller()?;
    let (project, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let Some(mut input) = patch.changes::<TaskInput>(&before.details)? else { return Ok(before) };
    if input.project_id != before.details.project_id {
        return Err(Error::field("/project_id", "fixed"));
    }
    input.position = input.position.or(before.details.position);
    check(&input, &project)?;
    tx.write::<Entity>(before.id, before.version, columns(input)).await?;
    projects::service::plan_changed(tx, &project).await?;
    let after = Tasks::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: TaskAction, input: StepInput) -> Result<Task> {
    let caller = tx.caller()?;
    let (project, before) = held(tx, id).await?;
    tx.check_version(before.version)?;
    let facts = Facts { state: before.state, project: before.project_state, responsible: before.details.responsible };
    let state = policy::decide(facts, action, caller.role, &input)?;
    let stepped = ActiveModel {
        state: Set(Code(state)),
        done_on: Set((state == TaskState::Done).then(|| tx.today())),
        ..Default::default()
    };
    tx.write::<Entity>(before.id, before.version, stepped).await?;
    projects::service::plan_changed(tx, &project).await?;
    let after = Tasks::read(&tx.asker()?, id).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// A task, read after its project was locked: neither changes until the transaction ends.
async fn held(tx: &Tx, id: Uuid) -> Result<(Project, Task)> {
    let seen = Tasks::read(&tx.asker()?, id).await?;
    let project = projects::service::held(tx, seen.details.project_id).await?;
    Ok((project, Tasks::read(&tx.asker()?, id).await?))
}

fn check(input: &TaskInput, project: &Project) -> Result<()> {
    match policy::faults(input, project.details.starts_on, project.details.ends_on) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Error::fields(faults)),
    }
}

/// The columns of an input that has its position.
pub(super) fn columns(input: TaskInput) -> ActiveModel {
    columns!(ActiveModel {
        name_words: Set(spelling::words(&input.title)),
        position: Set(input.position.unwrap_or(1)),
        ..input.{ month, title, responsible, due_on, weight }
    })
}
