//! Table `checklists`.

use contract::ObjectKind;
use contract::inspections::{Checklist, ChecklistAction, ChecklistInput, ChecklistItem, ChecklistState};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Checklist.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "checklists")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The area of the office that keeps it.
    pub area_code: String,
    pub title: String,
    pub name_key: String,
    pub name_words: String,
    pub description: Option<String>,
    pub items: AsJson<Vec<ChecklistItem>>,
    pub state: Code<ChecklistState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A checklist.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_checklist(self, editable: bool, allowed_actions: Vec<ChecklistAction>) -> Checklist {
        let own = self.own;
        object!(Checklist {
            details: object!(ChecklistInput { ..own.{ title, description, items } }),
            editable, allowed_actions,
            ..own.{ id, state, created_at, updated_at, version }
        })
    }
}
