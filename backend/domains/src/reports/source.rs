//! What a monthly form is drafted from.

use entities::{areas, organisations, pairings, progress, projects};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

/// A pairing that was active in a month, with the progress of that month and of the one before.
#[derive(Clone, Debug, PartialEq, DerivePartialModel)]
#[sea_orm(entity = "pairings::Entity")]
pub struct Source {
    #[sea_orm(from_col = "id")]
    pub pairing_id: Uuid,
    pub organisation_id: Uuid,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((\"this_month\", progress::Column::Content))")]
    pub content: Option<String>,
    #[sea_orm(from_expr = "Expr::col((\"this_month\", progress::Column::Progress))")]
    pub progress: Option<String>,
    #[sea_orm(from_expr = "Expr::col((\"last_month\", progress::Column::Progress))")]
    pub previous_progress: Option<String>,
    /// What was given to households of the village, in aggregate.
    #[sea_orm(skip)]
    pub given: Option<String>,
    pub active_since: Option<Date>,
    pub ended_on: Option<Date>,
    #[sea_orm(from_expr = "projects::live_count()")]
    pub live_projects: i64,
}
