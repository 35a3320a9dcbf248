//! Table `areas`.

use contract::areas::{Area, AreaLevel};
use platform::coded::Code;
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Area {
    fn from(row: Model) -> Self {
        Self { code: row.code, name: row.name, level: row.level.0, parent_code: row.parent_code, takes_part: row.takes_part }
    }
}
