//! Table `adoption_updates`.

use contract::adoptions::{AdoptionUpdate, AdoptionUpdateInput};
use contract::{Month, ObjectKind};
use platform::coded::Written;
use platform::object;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{DerivePartialModel, QueryTrait};

use crate::{adoptions, institutions, users};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::AdoptionUpdate.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "adoption_updates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub adoption_id: Uuid,
    pub month: Written<Month>,
    pub content: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "adoptions::Entity", from = "Column::AdoptionId", to = "adoptions::Column::Id")]
    Adoption,
}

impl ActiveModelBehavior for ActiveModel {}

/// A monthly update with the names of its adoption, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((adoptions::Entity, adoptions::Column::InstitutionId))")]
    pub institution_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((users::Entity, users::Column::DisplayName))")]
    pub cadre_name: String,
    #[sea_orm(from_expr = "Expr::col((institutions::Entity, institutions::Column::Name))")]
    pub institution_name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type.
    pub fn into_update(self, editable: bool) -> AdoptionUpdate {
        let own = self.own.clone();
        object!(AdoptionUpdate {
            details: object!(AdoptionUpdateInput { ..(self.own).{ adoption_id, month, content } }),
            editable,
            ..self.{ cadre_name, institution_id, institution_name },
            ..own.{ id, created_at, updated_at, version }
        })
    }
}

/// The condition that nothing is written of a selected adoption for a month.
pub fn missing(month: Month) -> SimpleExpr {
    let written = Entity::find()
        .filter(Expr::col((Entity, Column::AdoptionId)).equals((adoptions::Entity, adoptions::Column::Id)))
        .filter(Column::Month.eq(Written(month)));
    Expr::exists(written.into_query()).not()
}
