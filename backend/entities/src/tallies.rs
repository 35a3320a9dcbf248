//! Table `tallies`. Its rows are differences, and their sum is the count.

use sea_orm::entity::prelude::*;

/// The length of the longest area code that has tallies: a town's.
pub const SMALLEST: usize = 9;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tallies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub campaign_id: Uuid,
    /// A town, or the larger area that the counted object belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_code: String,
    /// The code of a [`TallyFigure`](contract::tallies::TallyFigure).
    #[sea_orm(primary_key, auto_increment = false)]
    pub figure: String,
    /// The part of the figure, such as a state, a month or a day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub n: i64,
    pub total: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
