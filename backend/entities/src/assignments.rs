//! Tables `assignments` and `assignment_lines`.

use contract::ObjectKind;
use contract::assignments::{
    Assignment, AssignmentAction, AssignmentCertificate, AssignmentFigures, AssignmentInput, AssignmentLine, AssignmentReasons,
    AssignmentState,
};
use contract::recommendations::{MatchWeights, ScoreTerm};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, campaigns, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Assignment.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    /// The area of whoever computed it, whose organisations and villages it is about.
    pub area_code: String,
    /// The title as it is sorted and searched by.
    pub name_key: String,
    pub name_words: String,
    pub details: AsJson<AssignmentInput>,
    pub applied_weights: AsJson<MatchWeights>,
    pub figures: AsJson<AssignmentFigures>,
    pub reasons: AsJson<AssignmentReasons>,
    pub certificate: AsJson<AssignmentCertificate>,
    /// SHA-256 of the data that it was computed from.
    pub digest: String,
    pub recommended: i32,
    pub state: Code<AssignmentState>,
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

/// An assignment without its reasons and prices, which are read by themselves.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub area_code: String,
    pub name_key: String,
    pub details: AsJson<AssignmentInput>,
    pub applied_weights: AsJson<MatchWeights>,
    pub figures: AsJson<AssignmentFigures>,
    pub digest: String,
    pub recommended: i32,
    pub state: Code<AssignmentState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
}

impl Row {
    /// Converts the row into the contract's type. Only what is proven is kept.
    pub fn into_assignment(self, allowed_actions: Vec<AssignmentAction>) -> Assignment {
        object!(Assignment {
            proven: true,
            allowed_actions,
            ..self.{
                id, details, applied_weights, campaign_title, state, figures, digest, recommended, created_at, updated_at, version,
            }
        })
    }
}

/// Table `assignment_lines`.
pub mod line {
    use contract::recommendations::ScoreTerm;
    use platform::coded::AsJson;
    use sea_orm::entity::prelude::*;

    use crate::{areas, organisations};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "assignment_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub assignment_id: Uuid,
        pub position: i32,
        pub organisation_id: Uuid,
        pub village_code: String,
        pub pinned: bool,
        pub score: i64,
        pub terms: AsJson<Vec<ScoreTerm>>,
        pub pairing_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::Entity", from = "Column::AssignmentId", to = "super::Column::Id")]
        Assignment,
        #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
        Organisation,
        #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
        Village,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A line with the names of both sides, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "line::Entity")]
pub struct LineRow {
    pub id: Uuid,
    pub assignment_id: Uuid,
    pub position: i32,
    pub organisation_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: String,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::CreditCode))")]
    pub credit_code: String,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    pub pinned: bool,
    pub score: i64,
    pub terms: AsJson<Vec<ScoreTerm>>,
    pub pairing_id: Option<Uuid>,
}

impl From<LineRow> for AssignmentLine {
    fn from(row: LineRow) -> Self {
        object!(Self { ..row.{
            id, assignment_id, position, organisation_id, organisation_name, credit_code, village_code, village_name, town_name,
            pinned, score, terms, pairing_id,
        } })
    }
}
