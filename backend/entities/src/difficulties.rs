//! Table `difficulties`.

use contract::ObjectKind;
use contract::adoptions::{Difficulty, DifficultyAction, DifficultyInput, DifficultyState};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{adoptions, campaigns, institutions, users};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Difficulty.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "difficulties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub institution_id: Uuid,
    pub title: String,
    pub description: Option<String>,
    pub raised_on: Date,
    pub state: Code<DifficultyState>,
    pub solved_on: Option<Date>,
    pub solution: Option<String>,
    pub adoption_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    /// The words that the title is found by.
    pub name_words: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "institutions::Entity", from = "Column::InstitutionId", to = "institutions::Column::Id")]
    Institution,
    #[sea_orm(belongs_to = "adoptions::Entity", from = "Column::AdoptionId", to = "adoptions::Column::Id")]
    Adoption,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What is written of it.
    pub fn into_input(self) -> DifficultyInput {
        object!(DifficultyInput { ..self.{ campaign_id, institution_id, title, description, raised_on } })
    }
}

/// A difficulty with its names, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::Name))")]
    pub institution_name: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::AreaCode))")]
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((users::Entity, users::Column::DisplayName))")]
    pub cadre_name: Option<String>,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_difficulty(self, editable: bool, allowed_actions: Vec<DifficultyAction>) -> Difficulty {
        let own = self.own.clone();
        object!(Difficulty {
            details: self.own.into_input(),
            editable, allowed_actions,
            ..self.{ institution_name, cadre_name },
            ..own.{ id, state, solved_on, solution, adoption_id, created_at, updated_at, version }
        })
    }
}
