//! Table `publicity_items`: what has appeared in public.

use contract::ObjectKind;
use contract::cases::CaseState;
use contract::publicity::{Channel, PublicityAction, PublicityInput, PublicityItem, PublicityState};
use platform::coded::Code;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};

use crate::{areas, campaigns, cases, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::PublicityItem.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publicity_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub pairing_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    /// The village of the pairing, or the area of whoever entered it.
    pub area_code: String,
    pub channel: Code<Channel>,
    pub feature: Option<String>,
    pub title: String,
    /// The title as it is sorted and searched by.
    pub name_key: String,
    pub name_words: String,
    pub outlet: String,
    pub appeared_on: Date,
    pub link: Option<String>,
    pub reach: Option<i64>,
    pub reach_unit: Option<String>,
    pub state: Code<PublicityState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "cases::Entity", from = "Column::CaseId", to = "cases::Column::Id")]
    Case,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// The title of the case, while that is published: an item is read by more people than a case that is not.
fn case_title() -> SimpleExpr {
    let published = Expr::col((cases::Entity, cases::Column::State)).eq(Code(CaseState::Published));
    SimpleExpr::Case(Box::new(Expr::case(published, Expr::col((cases::Entity, cases::Column::Title)))))
}

/// An item with its names, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::DocumentNumber))")]
    pub document_number: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    #[sea_orm(from_expr = "case_title()")]
    pub case_title: Option<String>,
}

own_columns!(Row);

impl Model {
    /// What is written of it.
    pub fn into_input(self) -> PublicityInput {
        object!(PublicityInput {
            ..self.{
                campaign_id, channel, feature, title, outlet, appeared_on, link, reach, reach_unit, pairing_id, case_id,
            }
        })
    }
}

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_item(self, allowed_actions: Vec<PublicityAction>, editable: bool) -> PublicityItem {
        let own = self.own.clone();
        object!(PublicityItem {
            details: self.own.into_input(),
            allowed_actions, editable,
            ..self.{ campaign_title, document_number, organisation_name, area_name, case_title },
            ..own.{ id, state, organisation_id, area_code, created_at, updated_at, version }
        })
    }
}
