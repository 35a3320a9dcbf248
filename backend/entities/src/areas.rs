//! Table `areas`.

use contract::areas::{Area, AreaLevel};
use platform::coded::Code;
use platform::{former, object};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "areas")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub name: String,
    /// The keys that the name is sorted and searched by ([`platform::spelling`]), as in every table with names.
    pub name_key: String,
    pub name_words: String,
    pub level: Code<AreaLevel>,
    pub parent_code: Option<String>,
    pub takes_part: bool,
    /// The last day of a village that another one has replaced.
    pub ended_on: Option<Date>,
    /// The one that has.
    pub successor_code: Option<String>,
    /// The names it had before, a line each, the latest first.
    pub former_names: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Area {
    fn from(row: Model) -> Self {
        object!(Self {
            level: row.level.0,
            former_names: former::listed(row.former_names.as_deref()),
            ..row.{ code, name, parent_code, takes_part, ended_on, successor_code }
        })
    }
}
