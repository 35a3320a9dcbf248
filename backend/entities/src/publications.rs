//! Table `publications`: figures as the public is told them.

use contract::portal::{PublishedFigures, PublishedFiguresHead};
use contract::publications::{PublicFigure, PublicTable, Publication, PublicationAction, PublicationHead, PublicationState};
use contract::{Month, ObjectKind};
use platform::coded::{AsJson, Code, Written};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{areas, campaigns};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Publication.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub month: Written<Month>,
    pub issue_number: i32,
    pub state: Code<PublicationState>,
    /// What is told.
    pub figures: AsJson<Vec<PublicFigure>>,
    /// What was counted, in the same order. It leaves the service never: later publications are decided by it.
    pub counts: AsJson<Vec<Count>>,
    pub digest: String,
    pub shown_count: i32,
    pub held_back_count: i32,
    pub published_on: Date,
    pub published_by: String,
    pub withdrawn_on: Option<Date>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
}

impl ActiveModelBehavior for ActiveModel {}

/// A figure as it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub table: PublicTable,
    /// A town, or the area of the campaign for the sum of all.
    pub area_code: String,
    /// The code of a column; none for the sum of all.
    pub column: Option<String>,
    pub value: i64,
    /// How many families, or other units, are behind it. It is less than the value where one counts several times.
    pub behind: i64,
}

/// What is told by a publication of a campaign, and what was counted for it.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Past {
    pub issue_number: i32,
    pub figures: AsJson<Vec<PublicFigure>>,
    pub counts: AsJson<Vec<Count>>,
}

/// A publication without its figures, which lists leave out.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub month: Written<Month>,
    pub issue_number: i32,
    pub state: Code<PublicationState>,
    pub digest: String,
    pub shown_count: i32,
    pub held_back_count: i32,
    pub published_on: Date,
    pub published_by: String,
    pub withdrawn_on: Option<Date>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::AreaCode))")]
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
}

/// A publication with its figures.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Whole {
    #[sea_orm(nested)]
    pub row: Row,
    pub figures: AsJson<Vec<PublicFigure>>,
}

impl Row {
    /// Converts the row into what every answer says of it, with the steps that the caller may take.
    pub fn into_head(self, allowed_actions: Vec<PublicationAction>) -> PublicationHead {
        object!(PublicationHead {
            allowed_actions,
            ..self.{
                id, campaign_id, campaign_title, area_code, area_name, month, issue_number, state, published_on, published_by,
                withdrawn_on, reason, digest, shown_count, held_back_count, created_at, updated_at, version,
            }
        })
    }

    /// Converts the row into what anybody reads.
    pub fn into_public(self) -> PublishedFiguresHead {
        object!(PublishedFiguresHead {
            ..self.{ id, campaign_id, campaign_title, area_code, area_name, month, issue_number, published_on, digest }
        })
    }
}

impl Whole {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_publication(self, allowed_actions: Vec<PublicationAction>) -> Publication {
        Publication { head: self.row.into_head(allowed_actions), figures: self.figures.0 }
    }

    /// Converts the row into what anybody reads.
    pub fn into_public(self) -> PublishedFigures {
        PublishedFigures { head: self.row.into_public(), figures: self.figures.0 }
    }
}
