//! Table `villages`: the profile of the area with the same code.

use contract::ObjectKind;
use contract::villages::{Industry, Village, VillageInput};
use platform::coded::AsJson;
use platform::object;
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Query, SimpleExpr};

use crate::areas;

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Village.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "villages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub resources: Option<String>,
    pub industries: AsJson<Vec<Industry>>,
    pub old_base: bool,
    pub population: Option<i32>,
    pub low_income_households: i32,
    pub collective_income_fen: Option<i64>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::Code", to = "areas::Column::Code")]
    Area,
}

impl Related<areas::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Area.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for VillageInput {
    fn from(row: Model) -> Self {
        object!(Self { ..row.{
            resources, industries, old_base, population, low_income_households, collective_income_fen, contact_name,
            contact_phone,
        } })
    }
}

/// A village with the names of its areas, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub name: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::NameKey))")]
    pub name_key: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    pub resources: Option<String>,
    pub industries: AsJson<Vec<Industry>>,
    pub old_base: bool,
    pub population: Option<i32>,
    pub low_income_households: i32,
    pub collective_income_fen: Option<i64>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::EndedOn))")]
    pub ended_on: Option<Date>,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::SuccessorCode))")]
    pub successor_code: Option<String>,
    #[sea_orm(from_expr = "successor_name()")]
    pub successor_name: Option<String>,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// The name of the village that has replaced the one selected.
fn successor_name() -> SimpleExpr {
    let other = || Alias::new("successor");
    let select = Query::select()
        .column((other(), areas::Column::Name))
        .from_as(areas::Entity, other())
        .and_where(Expr::col((other(), areas::Column::Code)).equals((areas::Entity, areas::Column::SuccessorCode)))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

impl Row {
    /// Converts the row into the contract's type.
    pub fn into_village(self, editable: bool, replaceable: bool) -> Village {
        object!(Village {
            profile: object!(VillageInput { ..self.{
                resources, industries, old_base, population, low_income_households, collective_income_fen, contact_name,
                contact_phone,
            } }),
            editable,
            replaceable,
            ..self.{ code, name, town_code, town_name, ended_on, successor_code, successor_name, updated_at, version }
        })
    }
}
