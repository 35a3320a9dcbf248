//! Table `enrolments`.

use contract::ObjectKind;
use contract::enrolments::{Enrolment, EnrolmentAction, EnrolmentKind, EnrolmentState};
use platform::coded::Code;
use platform::{area, object};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SimpleExpr};

use crate::{areas, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Enrolment.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub kind: Code<EnrolmentKind>,
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    /// The area that the enrolment belongs to: the village itself, or the organisation's area.
    pub area_code: String,
    pub state: Code<EnrolmentState>,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Area,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// The name of the village or organisation that is enrolled.
pub fn name() -> SimpleExpr {
    Func::coalesce([
        Expr::col((areas::Entity, areas::Column::Name)),
        Expr::col((organisations::Entity, organisations::Column::Name)),
    ])
    .into()
}

/// An enrolment with its name, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "name()")]
    pub name: String,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_enrolment(self, allowed_actions: Vec<EnrolmentAction>) -> Enrolment {
        object!(Enrolment {
            allowed_actions,
            ..self.{ name },
            ..(self.own).{
                id, campaign_id, kind, village_code, organisation_id, area_code, state, note, created_at, updated_at, version,
            }
        })
    }
}

/// Who can be enrolled.
#[derive(Clone, Copy, Debug)]
pub enum Member<'a> {
    Village(&'a str),
    Organisation(Uuid),
}

/// The condition that an enrolment lies in a county, or in a larger area. Counties have a column of their own, which is indexed in
/// the order of the list.
pub fn in_county(area_code: &str) -> SimpleExpr {
    match area_code.len() {
        6 => Expr::col((Entity, "county_code")).eq(area_code),
        _ => area::within((Entity, Column::AreaCode), area_code),
    }
}
