//! Table `institutions`.

use contract::ObjectKind;
use contract::institutions::{Institution, InstitutionAction, InstitutionInput, InstitutionKind, InstitutionState};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::areas;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Institution.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "institutions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub name_words: String,
    /// Its unified social credit code, or one of the bureau's own.
    pub code: String,
    pub kind: Code<InstitutionKind>,
    pub area_code: String,
    pub address: Option<String>,
    pub bed_count: Option<i32>,
    pub staff_count: Option<i32>,
    pub served_count: Option<i32>,
    pub difficulties: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub state: Code<InstitutionState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What is written of the institution.
    pub fn into_input(self) -> InstitutionInput {
        object!(InstitutionInput { ..self.{
            name, code, kind, area_code, address, bed_count, staff_count, served_count, difficulties, contact_name, contact_phone,
        } })
    }
}

/// An institution with the name of its area, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_institution(self, editable: bool, allowed_actions: Vec<InstitutionAction>) -> Institution {
        let own = self.own.clone();
        object!(Institution {
            details: self.own.into_input(),
            editable, allowed_actions,
            ..self.{ area_name },
            ..own.{ id, state, created_at, updated_at, version }
        })
    }
}
