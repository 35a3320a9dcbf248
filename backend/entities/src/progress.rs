//! Table `progress_updates`.

use contract::progress::{ProgressTextInput, ProgressUpdate};
use contract::{Month, ObjectKind};
use platform::coded::Written;
use platform::object;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{DerivePartialModel, QueryTrait};

use crate::{areas, organisations, pairings, reports};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::ProgressUpdate.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "progress_updates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pairing_id: Uuid,
    /// The village of the pairing. It is copied here because the indexes of the list need it.
    pub village_code: String,
    pub month: Written<Month>,
    pub content: String,
    pub progress: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
    /// Joins on the month alone, so the forms of every town and campaign match.
    #[sea_orm(belongs_to = "reports::Entity", from = "Column::Month", to = "reports::Column::Month")]
    Form,
}

impl ActiveModelBehavior for ActiveModel {}

/// A progress update with the names of its pairing, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::OrganisationId))")]
    pub organisation_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    /// Whether the town's form for the month is accepted.
    #[sea_orm(from_expr = "Expr::col((reports::Entity, reports::Column::Id)).is_not_null()")]
    pub closed: bool,
}

own_columns!(Row);

impl Row {
    /// The part that can be edited.
    pub fn text(&self) -> ProgressTextInput {
        ProgressTextInput { content: self.content.clone(), progress: self.progress.clone() }
    }

    /// Converts the row into the contract's type.
    pub fn into_update(self, editable: bool) -> ProgressUpdate {
        object!(ProgressUpdate {
            editable,
            ..self.{ campaign_id, organisation_id, organisation_name, village_name, town_code, town_name },
            ..(self.own).{ id, pairing_id, village_code, month, content, progress, created_at, updated_at, version }
        })
    }
}

/// The condition that a selected pairing has no progress update for a month.
pub fn missing(month: Month) -> SimpleExpr {
    let written = Entity::find()
        .filter(Expr::col((Entity, Column::PairingId)).equals((pairings::Entity, pairings::Column::Id)))
        .filter(Column::Month.eq(Written(month)));
    Expr::exists(written.into_query()).not()
}
