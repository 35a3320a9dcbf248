//! Tables `supervision_orders` and `supervision_order_counters`.

use contract::ObjectKind;
use contract::supervision_orders::{
    OrderColour, OrderLine, SupervisionOrder, SupervisionOrderAction, SupervisionOrderHead, SupervisionOrderInput,
    SupervisionOrderState, SupervisionOrderSummary,
};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::SupervisionOrder.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "supervision_orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub issuer_code: String,
    pub area_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    pub state: Code<SupervisionOrderState>,
    pub colour: Code<OrderColour>,
    pub number: Option<String>,
    pub closing_number: Option<String>,
    pub due_on: Date,
    pub demand: String,
    pub rectification: Option<String>,
    pub campaign_title: String,
    pub issuer_name: String,
    pub addressee_name: String,
    /// What the addressee is ordered and found by.
    pub name_key: String,
    pub name_words: String,
    pub matters: AsJson<Vec<OrderLine>>,
    pub matter_count: i32,
    pub drafted_on: Date,
    pub issued_on: Option<Date>,
    pub received_on: Option<Date>,
    pub received_by: Option<String>,
    pub answered_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The last number that an office has given in a year, for issuing or for closing.
pub mod counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "supervision_order_counters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub issuer_code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub action: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub last: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An order without its texts and matters, which lists leave out.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub issuer_code: String,
    pub area_code: Option<String>,
    pub organisation_id: Option<Uuid>,
    pub state: Code<SupervisionOrderState>,
    pub colour: Code<OrderColour>,
    pub number: Option<String>,
    pub closing_number: Option<String>,
    pub due_on: Date,
    pub campaign_title: String,
    pub issuer_name: String,
    pub addressee_name: String,
    pub name_key: String,
    pub matter_count: i32,
    pub drafted_on: Date,
    pub issued_on: Option<Date>,
    pub received_on: Option<Date>,
    pub received_by: Option<String>,
    pub answered_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// An order with all that it says.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Whole {
    #[sea_orm(nested)]
    pub row: Row,
    pub demand: String,
    pub rectification: Option<String>,
    pub matters: AsJson<Vec<OrderLine>>,
}

impl Row {
    fn into_head(self, days_left: Option<i64>, allowed_actions: Vec<SupervisionOrderAction>) -> SupervisionOrderHead {
        object!(SupervisionOrderHead {
            days_left,
            overdue: days_left.is_some_and(|days| days < 0),
            allowed_actions,
            ..self.{
                id, number, state, colour, campaign_title, issuer_code, issuer_name, addressee_name, drafted_on, issued_on,
                received_on, received_by, answered_on, closed_on, closing_number, matter_count, created_at, updated_at, version,
            }
        })
    }

    /// Converts the row into an entry of a list, with the days that are left and the steps that the caller may take.
    pub fn into_summary(self, days_left: Option<i64>, allowed_actions: Vec<SupervisionOrderAction>) -> SupervisionOrderSummary {
        SupervisionOrderSummary {
            campaign_id: self.campaign_id,
            due_on: self.due_on,
            head: self.into_head(days_left, allowed_actions),
        }
    }
}

impl Whole {
    /// Converts the row into the contract's type, with the days that are left and the steps that the caller may take.
    pub fn into_order(
        self,
        days_left: Option<i64>,
        allowed_actions: Vec<SupervisionOrderAction>,
        editable: bool,
    ) -> SupervisionOrder {
        SupervisionOrder {
            details: SupervisionOrderInput {
                campaign_id: self.row.campaign_id,
                area_code: self.row.area_code.clone(),
                organisation_id: self.row.organisation_id,
                due_on: self.row.due_on,
                demand: Some(self.demand),
            },
            rectification: self.rectification,
            matters: self.matters.0,
            head: self.row.into_head(days_left, allowed_actions),
            editable,
        }
    }
}
