//! Table `inspection_rounds`.

use contract::ObjectKind;
use contract::inspections::{ChecklistItem, Draw, InspectionRound, RoundAction, RoundInput, RoundKind, RoundState, Selection};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, campaigns, checklists, inspections};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::InspectionRound.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inspection_rounds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    /// The area of the office that holds it.
    pub area_code: String,
    pub kind: Code<RoundKind>,
    pub title: String,
    /// What it is found by.
    pub name_words: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub checklist_id: Uuid,
    pub selection: AsJson<Selection>,
    pub inspectors: AsJson<Vec<Uuid>>,
    /// Their names as they were called then.
    pub inspector_names: AsJson<Vec<String>>,
    /// The items of the checklist on the day on which the round was opened. Whatever becomes of the checklist, they stay.
    pub items: Option<AsJson<Vec<ChecklistItem>>>,
    /// What was chosen from, and what was chosen.
    pub draw: Option<AsJson<Draw>>,
    pub state: Code<RoundState>,
    pub opened_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "checklists::Entity", from = "Column::ChecklistId", to = "checklists::Column::Id")]
    Checklist,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
}

impl ActiveModelBehavior for ActiveModel {}

/// A round with its names and what has become of its inspections, in one query. What was drawn is read by itself.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub area_code: String,
    pub kind: Code<RoundKind>,
    pub title: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub checklist_id: Uuid,
    pub selection: AsJson<Selection>,
    pub inspectors: AsJson<Vec<Uuid>>,
    pub inspector_names: AsJson<Vec<String>>,
    pub items: Option<AsJson<Vec<ChecklistItem>>>,
    pub state: Code<RoundState>,
    pub opened_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((checklists::Entity, checklists::Column::Title))")]
    pub checklist_title: String,
    #[sea_orm(from_expr = "Expr::col((checklists::Entity, checklists::Column::Items))")]
    pub checklist_items: AsJson<Vec<ChecklistItem>>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    #[sea_orm(from_expr = "inspections::count_of_round(inspections::NOT_CANCELLED)")]
    pub inspections: i64,
    #[sea_orm(from_expr = "inspections::count_of_round(inspections::HELD)")]
    pub held: i64,
}

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_round(self, editable: bool, allowed_actions: Vec<RoundAction>) -> InspectionRound {
        let row = self;
        object!(InspectionRound {
            items: row.items.unwrap_or(row.checklist_items).0,
            editable, allowed_actions,
            details: object!(RoundInput {
                ..row.{ campaign_id, kind, title, starts_on, ends_on, checklist_id, selection, inspectors }
            }),
            ..row.{
                id, campaign_title, checklist_title, inspector_names, area_code, area_name, state, inspections, held, opened_on,
                closed_on, created_at, updated_at, version,
            }
        })
    }
}
