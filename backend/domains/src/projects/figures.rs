//! Sums of projects.

use contract::projects::ProjectState;
use entities::pairings::Column as PairingColumn;
use entities::projects::{Column, Entity, Relation};
use entities::scope;
use platform::coded::Code;
use platform::{Asker, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{FromQueryResult, JoinType, QuerySelect, RelationTrait};

/// The projects in a state.
#[derive(Clone, Debug, FromQueryResult)]
pub struct StateSum {
    pub state: Code<ProjectState>,
    pub projects: i64,
    pub budget_fen: i64,
    pub spent_fen: i64,
    /// How many of them have spent more than planned.
    pub over_budget: i64,
}

/// The number of a campaign's projects in each state, with their money, as far as a caller may see them.
pub async fn by_state(asker: &Asker<'_>, campaign_id: Uuid, area_code: Option<&str>) -> Result<Vec<StateSum>> {
    let (spent, budget) = (Expr::col((Entity, Column::SpentFen)), Expr::col((Entity, Column::BudgetFen)));
    let over = Expr::case(spent.clone().gt(budget.clone()), 1).finally(0);
    let mut select = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "projects")
        .column_as(budget.sum().cast_as("bigint"), "budget_fen")
        .column_as(spent.sum().cast_as("bigint"), "spent_fen")
        .column_as(SimpleExpr::Case(Box::new(over)).sum().cast_as("bigint"), "over_budget")
        .join(JoinType::InnerJoin, Relation::Pairing.def())
        .filter(scope::of_pairings(asker.caller))
        .filter(PairingColumn::CampaignId.eq(campaign_id))
        .group_by(Column::State);
    if let Some(code) = area_code {
        select = select.filter(entities::pairings::lies_in(code));
    }
    Ok(select.into_model().all(&asker.db).await?)
}
