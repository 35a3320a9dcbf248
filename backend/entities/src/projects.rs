//! Table `projects`.

use contract::ObjectKind;
use contract::campaigns::{Goal, Target};
use contract::catalogue::CommittedEntry;
use contract::pairings::PairingState;
use contract::projects::{Funding, Project, ProjectAction, ProjectHead, ProjectInput, ProjectState, ProjectSummary};
use contract::villages::Industry;
use platform::coded::{AsJson, Code, codes};
use platform::{Result, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{Condition, ConnectionTrait, DerivePartialModel, QuerySelect, QueryTrait};

use crate::{areas, campaigns, organisations, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Project.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pairing_id: Uuid,
    /// The village of the pairing. It is copied here because the indexes of the list need it.
    pub village_code: String,
    pub title: String,
    /// What it is found by.
    pub name_words: String,
    pub goal: Code<Goal>,
    pub industry: Option<Code<Industry>>,
    pub cooperation_form: String,
    pub plan: String,
    pub budget_fen: i64,
    pub spent_fen: i64,
    pub funding: AsJson<Vec<Funding>>,
    pub expected_outcomes: AsJson<Vec<Target>>,
    pub starts_on: Date,
    pub ends_on: Date,
    pub state: Code<ProjectState>,
    pub organisation_consented_at: Option<DateTimeUtc>,
    pub village_consented_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
}

impl ActiveModelBehavior for ActiveModel {}

/// A subquery over the tasks of the selected project. It finds them by their index on the project.
fn of_tasks(what: &str, which: &str) -> SimpleExpr {
    Expr::cust(format!("(SELECT {what} FROM tasks t WHERE t.project_id = projects.id AND t.state {which})"))
}

fn tasks_total() -> SimpleExpr {
    of_tasks("COUNT(*)", "<> 'cancelled'")
}

fn tasks_done() -> SimpleExpr {
    of_tasks("COUNT(*)", "= 'done'")
}

/// The weighted share of tasks that are done, in whole percent. It is 0 for a project without tasks.
fn progress_percent() -> SimpleExpr {
    let share = "COALESCE(SUM(CASE WHEN t.state = 'done' THEN t.weight ELSE 0 END) * 100 / SUM(t.weight), 0)";
    of_tasks(share, "<> 'cancelled'")
}

fn next_due_on() -> SimpleExpr {
    of_tasks("MIN(t.due_on)", "= 'open'")
}

/// A project with the names of its parties and its progress, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub pairing_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::State))")]
    pub pairing_state: Code<PairingState>,
    pub title: String,
    pub goal: Code<Goal>,
    pub industry: Option<Code<Industry>>,
    pub budget_fen: i64,
    pub spent_fen: i64,
    pub starts_on: Date,
    pub ends_on: Date,
    pub state: Code<ProjectState>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Id))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Id))")]
    pub organisation_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    pub organisation_consented_at: Option<DateTimeUtc>,
    pub village_consented_at: Option<DateTimeUtc>,
    #[sea_orm(from_expr = "tasks_total()")]
    pub tasks_total: i64,
    #[sea_orm(from_expr = "tasks_done()")]
    pub tasks_done: i64,
    #[sea_orm(from_expr = "progress_percent()")]
    pub progress_percent: i64,
    #[sea_orm(from_expr = "next_due_on()")]
    pub next_due_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// A project with all its texts, which lists leave out.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Whole {
    #[sea_orm(nested)]
    pub row: Row,
    pub cooperation_form: String,
    pub plan: String,
    pub funding: AsJson<Vec<Funding>>,
    pub expected_outcomes: AsJson<Vec<Target>>,
}

impl Row {
    fn into_head(self, allowed_actions: Vec<ProjectAction>, today: Date) -> ProjectHead {
        let running = ProjectState::RUNNING.contains(&self.state.0);
        object!(ProjectHead {
            overdue: running && self.next_due_on.is_some_and(|due| due < today),
            over_budget: self.spent_fen > self.budget_fen,
            allowed_actions,
            ..self.{
                id, state, campaign_id, campaign_title, organisation_id, organisation_name, village_code, village_name, town_code,
                town_name, organisation_consented_at, village_consented_at, tasks_total, tasks_done, progress_percent,
                next_due_on, created_at, updated_at, version,
            }
        })
    }

    /// Converts the row into an entry of a list, with the steps that the caller may take.
    pub fn into_summary(self, allowed_actions: Vec<ProjectAction>, today: Date) -> ProjectSummary {
        object!(ProjectSummary {
            title: self.title.clone(),
            ..self.{ pairing_id, goal, industry, budget_fen, spent_fen, starts_on, ends_on },
            head: self.into_head(allowed_actions, today),
        })
    }
}

impl Whole {
    /// Converts the row into the contract's type, with the steps that the caller may take and the entries of the catalogue of which
    /// the project takes something.
    pub fn into_project(
        self,
        allowed_actions: Vec<ProjectAction>,
        editable: bool,
        catalogue: Vec<CommittedEntry>,
        today: Date,
    ) -> Project {
        let row = self.row;
        Project {
            details: object!(ProjectInput {
                title: row.title.clone(),
                cooperation_form: self.cooperation_form,
                plan: self.plan,
                funding: self.funding.0,
                expected_outcomes: self.expected_outcomes.0,
                commitments: catalogue.iter().map(Into::into).collect(),
                ..row.{ pairing_id, goal, industry, budget_fen, starts_on, ends_on, spent_fen }
            }),
            head: row.into_head(allowed_actions, today),
            catalogue,
            editable,
        }
    }
}

/// A subquery for the number of live projects of the selected pairing. It finds them by their index on the pairing.
pub fn live_count() -> SimpleExpr {
    let live = Entity::find()
        .select_only()
        .expr(Column::Id.count())
        .filter(Expr::col((Entity, Column::PairingId)).equals((pairings::Entity, pairings::Column::Id)))
        .filter(Column::State.is_in(codes(ProjectState::LIVE)))
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(live.into()))
}

/// The condition that a pairing has been active since before a day and has no live project.
pub fn without_project_since(day: Date) -> Condition {
    let live = Entity::find()
        .filter(Expr::col((Entity, Column::PairingId)).equals((pairings::Entity, pairings::Column::Id)))
        .filter(Column::State.is_in(codes(ProjectState::LIVE)));
    Condition::all()
        .add(pairings::Column::State.eq(Code(PairingState::Active)))
        .add(pairings::Column::ActiveSince.lt(day))
        .add(Expr::exists(live.into_query()).not())
}

/// Whether a pairing has a project that is neither accepted nor cancelled.
pub async fn any_open(db: &impl ConnectionTrait, pairing_id: Uuid) -> Result<bool> {
    let open = Entity::find()
        .filter(Column::PairingId.eq(pairing_id))
        .filter(Column::State.is_not_in([ProjectState::Accepted, ProjectState::Cancelled].map(Code)))
        .count(db)
        .await?;
    Ok(open > 0)
}

/// The projects of some pairings.
pub fn of_pairings(pairings: impl IntoIterator<Item = Uuid>) -> SelectStatement {
    Entity::find().select_only().column(Column::Id).filter(Column::PairingId.is_in(pairings)).into_query()
}
