//! Table `outcomes`.

use contract::ObjectKind;
use contract::campaigns::Indicator;
use contract::outcomes::{Outcome, OutcomeAction, OutcomeDetailsInput, OutcomeState};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, organisations, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Outcome.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outcomes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pairing_id: Uuid,
    /// The village of the pairing. It is copied here because the indexes of the list need it.
    pub village_code: String,
    pub progress_update_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub replaces_id: Option<Uuid>,
    pub indicator: Code<Indicator>,
    pub quantity: i64,
    pub happened_on: Date,
    pub description: Option<String>,
    pub state: Code<OutcomeState>,
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

/// An outcome with the names of its pairing, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::CampaignId))")]
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
}

own_columns!(Row);

impl Row {
    /// The part that can be edited.
    pub fn details(&self) -> OutcomeDetailsInput {
        object!(OutcomeDetailsInput {
            description: self.description.clone(),
            ..(self.own).{ progress_update_id, project_id, indicator, quantity, happened_on }
        })
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_outcome(self, editable: bool, allowed_actions: Vec<OutcomeAction>) -> Outcome {
        object!(Outcome {
            goal: self.indicator.0.goal(),
            editable, allowed_actions,
            ..self.{ campaign_id, organisation_name, village_name },
            ..(self.own).{
                id, pairing_id, village_code, progress_update_id, project_id, replaces_id, indicator, quantity, happened_on,
                description, state, created_at, updated_at, version,
            }
        })
    }
}
