//! Migrations of the database, the same for SQLite and PostgreSQL.
//!
//! The first steps create the whole schema, one step for each subject. Each later change is a new step in a file of its own,
//! behind them. Steps are never edited, because a deployment may have run them already. The numbers start after those of the
//! steps that these replaced, so that a name never means two different steps.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};
use sea_orm_migration::sea_orm::{DatabaseTransaction, DbErr};

mod columns;
mod m0101_platform;
mod m0102_catalogue;
mod m0103_households;
mod m0104_cooperation;
mod m0105_assistance;
mod m0106_search;
mod m0107_tallies;
mod m0108_matching;
mod m0109_institutions;
mod m0110_lists;
mod m0111_adoptions;
mod m0112_inspections;
mod m0113_supervision;
mod m0114_commitments;
mod m0115_calendar;
mod m0116_publicity;
mod m0121_publications;
mod tallies;

pub use tallies::count as count_tallies;

/// Brings a database up to this version: runs the missing steps, and renews triggers and counts if this version counts
/// differently.
///
/// # Errors
/// Any error of the database.
pub async fn bring_up(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    Migrator::up(tx, None).await?;
    tallies::renew(tx).await
}

/// All steps in their order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0101_platform::Migration),
            Box::new(m0102_catalogue::Migration),
            Box::new(m0103_households::Migration),
            Box::new(m0104_cooperation::Migration),
            Box::new(m0105_assistance::Migration),
            Box::new(m0106_search::Migration),
            Box::new(m0107_tallies::Migration),
            Box::new(m0108_matching::Migration),
            Box::new(m0109_institutions::Migration),
            Box::new(m0110_lists::Migration),
            Box::new(m0111_adoptions::Migration),
            Box::new(m0112_inspections::Migration),
            Box::new(m0113_supervision::Migration),
            Box::new(m0114_commitments::Migration),
            Box::new(m0115_calendar::Migration),
            Box::new(m0116_publicity::Migration),
            Box::new(m0121_publications::Migration),
        ]
    }
}
