//! Table `campaigns`.

use contract::ObjectKind;
use contract::campaigns::{
    CampaignInput, CampaignSettings, CampaignSummary, DueDay, LeadingGroupMember, MilestoneInput, PhaseDates, Target,
};
use platform::coded::AsJson;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::areas;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Campaign.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub title: String,
    pub name_key: String,
    pub name_words: String,
    pub document_number: String,
    pub agreement_prefix: String,
    pub area_code: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub phases: AsJson<Vec<PhaseDates>>,
    pub milestones: AsJson<Vec<MilestoneInput>>,
    pub settings: AsJson<CampaignSettings>,
    pub targets: AsJson<Vec<Target>>,
    pub leading_group: AsJson<Vec<LeadingGroupMember>>,
    pub due_days: AsJson<Vec<DueDay>>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
}

impl Related<areas::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Area.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CampaignInput {
    fn from(row: Model) -> Self {
        object!(Self { ..row.{
            title, document_number, agreement_prefix, area_code, starts_on, ends_on, phases, milestones, settings, targets,
            leading_group,
        } })
    }
}

/// An entry of the list.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub title: String,
    pub name_key: String,
    pub document_number: String,
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    pub starts_on: Date,
    pub ends_on: Date,
}

impl From<Row> for CampaignSummary {
    fn from(row: Row) -> Self {
        object!(Self { ..row.{ id, title, document_number, area_code, area_name, starts_on, ends_on } })
    }
}
