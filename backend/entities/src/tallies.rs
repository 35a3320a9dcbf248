//! Table `tallies`. Its rows are differences: a count is the sum of them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tallies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// A town, or the area around it that something belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_code: String,
    /// The code of a [`TallyFigure`](contract::tallies::TallyFigure).
    #[sea_orm(primary_key, auto_increment = false)]
    pub figure: String,
    /// What is told apart in the figure: a state, a month, a day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub n: i64,
    pub total: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
