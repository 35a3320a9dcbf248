//! Table `case_uptakes`: who has taken up a case (借鉴).

use contract::ObjectKind;
use contract::cases::{Uptake, UptakeInput};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::{areas, cases, organisations};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::CaseUptake.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "case_uptakes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub pairing_id: Option<Uuid>,
    /// The village of the pairing, or the one that has taken it up by itself; so is the organisation.
    pub village_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    pub taken_on: Date,
    pub words: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "cases::Entity", from = "Column::CaseId", to = "cases::Column::Id")]
    Case,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Village,
    #[sea_orm(belongs_to = "organisations::Entity", from = "Column::OrganisationId", to = "organisations::Column::Id")]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}

/// An uptake with its names, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((cases::Entity, cases::Column::Title))")]
    pub case_title: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
}

own_columns!(Row);

impl Row {
    /// Converts the row into the contract's type.
    pub fn into_uptake(self, editable: bool) -> Uptake {
        let own = self.own;
        let details = own.clone();
        object!(Uptake {
            details: object!(UptakeInput { ..details.{ case_id, pairing_id, taken_on, words } }),
            editable,
            ..self.{ case_title, village_name, organisation_name },
            ..own.{ id, village_code, organisation_id, created_at, updated_at, version }
        })
    }
}
