//! Tables `organisations` and `directed_donations`.

use contract::ObjectKind;
use contract::organisations::{
    DirectedDonation, OrganisationInput, OrganisationKind, OrganisationState, OrganisationSummary, Rating,
};
use platform::coded::Code;
use platform::{former, object};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

use crate::areas;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Organisation.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organisations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub name_words: String,
    pub credit_code: String,
    pub kind: Code<OrganisationKind>,
    pub rating: Option<Code<Rating>>,
    pub area_code: String,
    pub strengths: Option<String>,
    pub member_count: Option<i32>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub state: Code<OrganisationState>,
    pub ended_on: Option<Date>,
    pub successor_id: Option<Uuid>,
    /// One name a line, the latest first. [`names`] splits them.
    pub former_names: Option<String>,
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

impl Model {
    /// Converts the row into the contract's input.
    pub fn into_input(self, directed_donations: Vec<DirectedDonation>) -> OrganisationInput {
        object!(OrganisationInput { directed_donations, ..self.{
            name, credit_code, kind, rating, area_code, strengths, member_count, contact_name, contact_phone,
        } })
    }
}

/// An entry of the list.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub credit_code: String,
    pub kind: Code<OrganisationKind>,
    pub rating: Option<Code<Rating>>,
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    pub state: Code<OrganisationState>,
    pub former_names: Option<String>,
    pub updated_at: DateTimeUtc,
}

impl From<Row> for OrganisationSummary {
    fn from(row: Row) -> Self {
        let former_names = former::listed(row.former_names.as_deref());
        object!(Self { former_names, ..row.{ id, name, credit_code, kind, rating, area_code, area_name, state, updated_at } })
    }
}

/// Table `directed_donations`. Donations are read and written with their organisation.
pub mod donation {
    use contract::organisations::DirectedDonation;
    use platform::object;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "directed_donations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub village_code: String,
        pub donated_on: Date,
        pub amount_fen: i64,
        pub purpose: Option<String>,
        pub confirmed: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl From<Model> for DirectedDonation {
        fn from(row: Model) -> Self {
            object!(Self { ..row.{ village_code, donated_on, amount_fen, purpose, confirmed } })
        }
    }
}
