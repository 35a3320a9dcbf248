//! Tasks that are late, with the goals of their projects.

use contract::campaigns::Goal;
use contract::projects::{Task, TaskQuery};
use entities::projects::{self, Column as ProjectColumn};
use entities::tasks::{Column, Row};
use platform::Result;
use platform::coded::{Code, codes};
use platform::object::{Asker, Listed, Object};
use sea_orm::entity::prelude::*;
use sea_orm::{DerivePartialModel, QueryOrder, QuerySelect};

use super::list::Tasks;

#[derive(Clone, Debug, DerivePartialModel)]
struct WithGoal {
    #[sea_orm(nested)]
    row: Row,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::Goal))")]
    goal: Code<Goal>,
}

/// Late tasks of projects for some goals, as far as the caller may see them, the heaviest first. Takes one statement.
pub async fn behind(asker: &Asker<'_>, query: &TaskQuery, goals: &[Goal], most: u64) -> Result<Vec<(Goal, Task)>> {
    let rows: Vec<WithGoal> = Tasks::named(Tasks::filtered(asker, query).await?)
        .filter(ProjectColumn::Goal.is_in(codes(goals)))
        .order_by_desc(Column::Weight)
        .order_by_asc(Column::DueOn)
        .order_by_asc(Column::Id)
        .limit(most)
        .into_partial_model()
        .all(&asker.db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.goal.0, Tasks::shown(asker, row.row))).collect())
}
