//! Migrations of the database, the same for SQLite and PostgreSQL. The first steps make the whole schema, one for each subject; what
//! changes it is a step that is added behind them, in a file of its own. No step is edited: it may have been taken somewhere. Their
//! numbers begin behind those of the steps that these replaced, so that no name means two things.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod columns;
mod m0101_platform;
mod m0102_catalogue;
mod m0103_households;
mod m0104_cooperation;
mod m0105_assistance;
mod m0106_search;
mod m0107_tallies;

pub use m0107_tallies::count as count_tallies;

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
