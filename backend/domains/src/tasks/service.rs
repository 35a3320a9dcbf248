//! How tasks are planned and done.

use chrono::NaiveDate;
use contract::audit::{HistoryEntry, HistoryQuery};
use contract::projects::{Project, Task, TaskAction, TaskInput, TaskQuery, TaskSort, TaskState, WRITERS};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Month, Page, Permission, Role};
use entities::projects::Column as ProjectColumn;
use entities::tasks::{ActiveModel, Column, Entity, OBJECT, Row};
use entities::{names, scope};
use platform::audit::{self, Event};
use platform::coded::{Code, Written};
use platform::list::{self, Key};
use platform::search::Searched;
use platform::{Caller, Error, Patch, Result, Tx, area, workflow};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, QuerySelect, Select};

use super::policy::{self, Facts};
use crate::projects;

const TEXTS: Searched = Searched { table: "tasks", key: "id", texts: &["title"] };

fn facts(row: &Row) -> Facts {
    Facts { state: row.state.0, project: row.project_state.0, responsible: row.responsible.0 }
}

fn shown(caller: &Caller, row: Row, today: NaiveDate) -> Task {
    let facts = facts(&row);
    let may = caller.may(Permission::WriteProjects);
    let allowed = if may { policy::allowed(facts, caller.role) } else { Vec::new() };
    row.into_task(allowed, policy::editable(facts, caller.role), today)
}

/// The tasks that a query asks for.
async fn filtered(db: &DatabaseConnection, caller: &Caller, query: &TaskQuery, today: NaiveDate) -> Result<Select<Entity>> {
    use entities::pairings::Column as PairingColumn;
    let mut select = scope::tasks(caller);
    if let Some(id) = query.project_id {
        select = select.filter(Column::ProjectId.eq(id));
    }
    if let Some(id) = query.campaign_id {
        select = select.filter(PairingColumn::CampaignId.eq(id));
    }
    if let Some(id) = query.pairing_id {
        select = select.filter(ProjectColumn::PairingId.eq(id));
    }
    if let Some(state) = query.state {
        select = select.filter(Column::State.eq(Code(state)));
    }
    if let Some(month) = query.month {
        select = select.filter(Column::Month.eq(Written(month)));
    }
    if let Some(side) = query.responsible {
        select = select.filter(Column::Responsible.eq(Code(side)));
    }
    if let Some(day) = query.due_before {
        select = select.filter(Column::DueOn.lt(day));
    }
    if let Some(wanted) = query.overdue {
        let overdue = overdue(today);
        select = select.filter(if wanted { overdue } else { overdue.not() });
    }
    if let Some(wanted) = query.waits_for_me {
        let waits = waits_for(caller.role, today);
        select = select.filter(if wanted { waits } else { waits.not() });
    }
    if let Some(code) = &query.within {
        select = select.filter(area::lies_in(Entity, code));
    }
    if let Some(q) = &query.q {
        select = select.filter(TEXTS.contain(db, (Entity, Column::Id), q).await?);
    }
    Ok(select)
}

/// How many tasks a query asks for.
///
/// # Errors
/// What the database says.
pub async fn count(db: &DatabaseConnection, caller: &Caller, query: &TaskQuery, today: NaiveDate) -> Result<i64> {
    list::count(db, filtered(db, caller, query, today).await?).await
}

fn order(sort: TaskSort) -> Expr {
    match sort {
        TaskSort::DueOn => list::column((Entity, Column::DueOn)),
        TaskSort::Month => list::column((Entity, Column::Month)),
        TaskSort::Position => list::column((Entity, Column::Position)),
        TaskSort::UpdatedAt => list::column((Entity, Column::UpdatedAt)),
    }
}

fn keys(row: &Row, sort: TaskSort) -> (Key, Key) {
    let key = match sort {
        TaskSort::DueOn => Key::Date(row.due_on),
        TaskSort::Month => Key::Text(row.month.0.to_string()),
        TaskSort::Position => Key::Number(row.position.into()),
        TaskSort::UpdatedAt => Key::Instant(row.updated_at),
    };
    (key, Key::Id(row.id))
}

/// Lists tasks.
///
/// # Errors
/// `bad_cursor`, or what the database says.
pub async fn list(db: &DatabaseConnection, caller: &Caller, query: &TaskQuery, today: NaiveDate) -> Result<Page<Task>> {
    let select = filtered(db, caller, query, today).await?;
    let page = list::page_of(db, select, names::on_pairing, query, (Entity, Column::Id), order, keys).await?;
    Ok(list::map(page, |row| shown(caller, row, today)))
}

/// Hands all that a list would show to `take`, in batches.
///
/// # Errors
/// What the database or `take` says.
pub async fn each(
    db: &DatabaseConnection,
    caller: &Caller,
    query: &TaskQuery,
    today: NaiveDate,
    mut take: impl AsyncFnMut(Vec<Task>) -> Result<()>,
) -> Result<()> {
    let select = names::on_pairing(filtered(db, caller, query, today).await?);
    list::each(db, select, query, (Entity, Column::Id), order, keys, async |_, rows: Vec<Row>| {
        take(rows.into_iter().map(|row| shown(caller, row, today)).collect()).await
    })
    .await
}

/// The condition that a task is overdue, where projects are joined.
fn overdue(today: NaiveDate) -> Condition {
    Condition::all().add(Column::State.eq(Code(TaskState::Open))).add(Column::DueOn.lt(today)).add(projects::service::running())
}

/// The condition that a task waits for a role: it is its side's and its month has come, or it is overdue, which concerns both
/// sides and the town.
fn waits_for(role: Role, today: NaiveDate) -> Condition {
    let Some(side) = policy::side(role) else { return Condition::all().add(Expr::val(false)) };
    let mine = Condition::all().add(Column::Responsible.eq(Code(side))).add(Column::Month.lte(Written(Month::of(today))));
    Condition::all()
        .add(Column::State.eq(Code(TaskState::Open)))
        .add(projects::service::running())
        .add(Condition::any().add(mine).add(Column::DueOn.lt(today)))
}

/// One task.
///
/// # Errors
/// `not_found` outside of the caller's scope.
pub async fn read(db: &impl ConnectionTrait, caller: &Caller, id: Uuid, today: NaiveDate) -> Result<Task> {
    let row = names::on_pairing(scope::tasks(caller)).filter(Column::Id.eq(id)).into_partial_model::<Row>().one(db).await?;
    Ok(shown(caller, row.ok_or(ErrorCode::NotFound)?, today))
}

/// Adds a task to a project.
///
/// # Errors
/// `validation_failed`, `forbidden`, `illegal_step` where the project is not planned any more.
pub async fn create(tx: &Tx, input: TaskInput) -> Result<Task> {
    let caller = tx.caller()?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    let project = projects::service::held(tx, input.project_id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => Error::field("/project_id", "unknown"),
        _ => error,
    })?;
    if !policy::PLANNING.contains(&project.head.state) {
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
    let made = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, "create"), &(), &made).await?;
    Ok(made)
}

async fn next_position(tx: &Tx, project_id: Uuid) -> Result<i32> {
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
    let (project, before) = held(tx, caller, id).await?;
    tx.check_version(before.version)?;
    if !WRITERS.contains(&caller.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    if !before.editable {
        return Err(workflow::illegal(before.state, &before.allowed_actions));
    }
    let mut input: TaskInput = patch.apply(&before.details)?;
    if input.project_id != before.details.project_id {
        return Err(Error::field("/project_id", "fixed"));
    }
    input.position = input.position.or(before.details.position);
    check(&input, &project)?;
    tx.write::<Entity>(before.id, before.version, columns(input)).await?;
    projects::service::plan_changed(tx, &project).await?;
    let after = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, "update"), &before.details, &after.details).await?;
    Ok(after)
}

/// Takes a step.
///
/// # Errors
/// `not_found`, `forbidden`, `illegal_step`, `stale_version`, `validation_failed`.
pub async fn step(tx: &Tx, id: Uuid, action: TaskAction, input: StepInput) -> Result<Task> {
    let caller = tx.caller()?;
    let (project, before) = held(tx, caller, id).await?;
    tx.check_version(before.version)?;
    let facts = Facts { state: before.state, project: before.project_state, responsible: before.details.responsible };
    let state = policy::decide(facts, action, caller.role, input.note.as_deref())?;
    let stepped = ActiveModel {
        state: Set(Code(state)),
        done_on: Set((state == TaskState::Done).then(|| tx.today())),
        ..Default::default()
    };
    tx.write::<Entity>(before.id, before.version, stepped).await?;
    projects::service::plan_changed(tx, &project).await?;
    let after = read(&tx.connection, caller, id, tx.today()).await?;
    tx.record(Event::of(OBJECT, id, action.code()).because(input), &before, &after).await?;
    Ok(after)
}

/// The history of a task.
///
/// # Errors
/// `not_found`, `bad_cursor`.
pub async fn history(
    db: &DatabaseConnection,
    caller: &Caller,
    id: Uuid,
    today: NaiveDate,
    query: HistoryQuery,
) -> Result<Page<HistoryEntry>> {
    let task = read(db, caller, id, today).await?;
    audit::history(db, OBJECT, task.id.to_string(), query).await
}

/// A task as it is now that its project is held: nobody changes either until the transaction ends.
async fn held(tx: &Tx, caller: &Caller, id: Uuid) -> Result<(Project, Task)> {
    let seen = read(&tx.connection, caller, id, tx.today()).await?;
    let project = projects::service::held(tx, seen.details.project_id).await?;
    Ok((project, read(&tx.connection, caller, id, tx.today()).await?))
}

fn check(input: &TaskInput, project: &Project) -> Result<()> {
    match policy::faults(input, project.details.starts_on, project.details.ends_on) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Error::fields(faults)),
    }
}

/// The columns of an input that has its position.
fn columns(input: TaskInput) -> ActiveModel {
    ActiveModel {
        month: Set(Written(input.month)),
        title: Set(input.title),
        responsible: Set(Code(input.responsible)),
        due_on: Set(input.due_on),
        weight: Set(input.weight),
        position: Set(input.position.unwrap_or(1)),
        ..Default::default()
    }
}
