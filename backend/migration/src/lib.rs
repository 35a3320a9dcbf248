//! Migrations of the database, the same for SQLite and PostgreSQL. The first steps make the whole schema, one for each subject; what
//! changes it is a step that is added behind them, in a file of its own. No step is edited: it may have been taken somewhere. Their
//! numbers begin behind those of the steps that these replaced, so that no name means two things.

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
mod tallies;

pub use tallies::count as count_tallies;

/// Brings a database up to this version: takes the steps that are missing, then makes triggers and counts anew where this version
/// counts something else.
///
/// # Errors
/// What the database says.
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
        ]
    }
}
