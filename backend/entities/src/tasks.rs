//! Table `tasks`.

use contract::projects::{ProjectState, ResponsibleSide, Task, TaskAction, TaskInput, TaskState, quarter};
use contract::{Month, ObjectKind};
use platform::coded::{Code, Written};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DerivePartialModel, QuerySelect, QueryTrait};

use crate::{areas, organisations, projects};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Task.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub project_id: Uuid,
    /// The village of the project. It is copied here because the indexes of the list need it.
    pub village_code: String,
    pub month: Written<Month>,
    pub title: String,
    /// What it is found by.
    pub name_words: String,
    pub responsible: Code<ResponsibleSide>,
    pub due_on: Date,
    pub weight: i32,
    pub state: Code<TaskState>,
    pub done_on: Option<Date>,
    pub position: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "projects::Entity", from = "Column::ProjectId", to = "projects::Column::Id")]
    Project,
}

impl ActiveModelBehavior for ActiveModel {}

/// A task with its project and the names of the parties, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::Title))")]
    pub project_title: String,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::State))")]
    pub project_state: Code<ProjectState>,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::PairingId))")]
    pub pairing_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_task(self, allowed_actions: Vec<TaskAction>, editable: bool, today: Date) -> Task {
        let due = self.state.0 == TaskState::Open && ProjectState::RUNNING.contains(&self.project_state.0);
        object!(Task {
            quarter: quarter(self.month.0),
            overdue: due && self.due_on < today,
            details: object!(TaskInput {
                position: Some(self.position),
                ..(self.own).{ project_id, month, title, responsible, due_on, weight }
            }),
            allowed_actions, editable,
            ..self.{ project_title, project_state, pairing_id, organisation_name, village_name },
            ..(self.own).{ id, village_code, state, done_on, created_at, updated_at, version }
        })
    }
}

/// The condition that a selected project has no open task.
pub fn none_open() -> SimpleExpr {
    let open = Entity::find()
        .filter(Expr::col((Entity, Column::ProjectId)).equals((projects::Entity, projects::Column::Id)))
        .filter(Column::State.eq(Code(TaskState::Open)));
    Expr::exists(open.into_query()).not()
}

/// The projects with an open task that was due before today.
pub fn late(today: Date) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::ProjectId)
        .filter(Column::State.eq(Code(TaskState::Open)))
        .filter(Column::DueOn.lt(today))
        .into_query()
}

/// The sum of the versions of a project's tasks, which rises with each new task and with each change of one.
pub async fn versions(db: &impl ConnectionTrait, project_id: Uuid) -> Result<i32> {
    let sum = Expr::col((Entity, Column::Version)).sum().cast_as("integer");
    let select = Entity::find().select_only().column_as(sum, "sum").filter(Column::ProjectId.eq(project_id));
    let sum: Option<Option<i32>> = select.into_tuple().one(db).await?;
    Ok(sum.flatten().unwrap_or(0))
}

/// Whether a project has a task outside of a period. Cancelled tasks do not count.
pub async fn any_outside(db: &impl ConnectionTrait, project_id: Uuid, first: Date, last: Date) -> Result<bool> {
    let outside = Entity::find()
        .filter(Column::ProjectId.eq(project_id))
        .filter(Column::State.ne(Code(TaskState::Cancelled)))
        .filter(
            Condition::any()
                .add(Column::DueOn.lt(first))
                .add(Column::DueOn.gt(last))
                .add(Column::Month.lt(Written(Month::of(first)))),
        )
        .count(db)
        .await?;
    Ok(outside > 0)
}
