//! The sources of a monthly form.

use entities::{areas, organisations, pairings, progress, projects};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use super::aid::Aid;

/// A pairing that was active in a month, or for which its form carries something over, with the progress of that month and of the
/// one before.
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
    /// Whether it was active in the month.
    #[sea_orm(skip)]
    pub active: bool,
    /// The help for households of the village, in aggregate.
    #[sea_orm(skip)]
    pub aid: Aid,
    pub active_since: Option<Date>,
    pub ended_on: Option<Date>,
    #[sea_orm(from_expr = "projects::live_count()")]
    pub live_projects: i64,
}

/// The id of an example.
#[cfg(test)]
pub fn id(number: u8) -> Uuid {
    Uuid::from_u128(number.into())
}

/// A pairing to draft a row from, for tests.
#[cfg(test)]
pub fn example(number: u8, progress: Option<&str>) -> Source {
    Source {
        pairing_id: id(number),
        village_code: format!("350582104{number:03}"),
        village_name: format!("第{number}村"),
        organisation_name: "商会".to_owned(),
        content: progress.map(|_| "修路".to_owned()),
        progress: progress.map(str::to_owned),
        previous_progress: None,
        organisation_id: id(200),
        active: true,
        aid: Aid::default(),
        active_since: "2020-05-31".parse().ok(),
        ended_on: None,
        live_projects: 1,
    }
}
