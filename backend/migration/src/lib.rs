//! Migrations of the database, the same for SQLite and PostgreSQL, one file for each step.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod columns;
mod m0001_platform;
mod m0002_catalogue;
mod m0003_attachments;
mod m0004_pairings;
mod m0005_agreements;
mod m0006_projects;
mod m0007_progress;
mod m0008_reports;
mod m0009_demo;
mod m0010_outcomes;
mod m0011_session_family;
mod m0012_users;
mod m0013_search;
mod m0014_tallies;
mod m0015_audit;
mod m0016_households;
mod m0017_pairing_areas;
mod m0018_household_visits;
mod m0019_household_merges;
mod m0020_household_pairings;
mod m0021_assistance;
mod m0022_village_codes;
mod m0023_sealing;
mod m0024_entries;
mod m0025_retention;
mod m0026_second_factors;
mod m0027_aid_tallies;
mod m0028_household_areas;
mod m0029_aid_villages;
mod m0030_household_statuses;
mod m0031_visit_corrections;
mod m0032_readiness;
mod m0035_failures_of_accounts;
mod m0036_session_lists;
mod m0037_entered;
mod m0039_confirmed_donations;
mod m0041_audit_proofs;
mod m0043_account_requests;
mod m0044_history_seen;

pub use m0014_tallies::count as count_tallies;
pub use m0041_audit_proofs::NAME as AUDIT_PROOFS;

/// All steps in their order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_platform::Migration),
            Box::new(m0002_catalogue::Migration),
            Box::new(m0003_attachments::Migration),
            Box::new(m0004_pairings::Migration),
            Box::new(m0005_agreements::Migration),
            Box::new(m0006_projects::Migration),
            Box::new(m0007_progress::Migration),
            Box::new(m0008_reports::Migration),
            Box::new(m0009_demo::Migration),
            Box::new(m0010_outcomes::Migration),
            Box::new(m0011_session_family::Migration),
            Box::new(m0012_users::Migration),
            Box::new(m0013_search::Migration),
            Box::new(m0014_tallies::Migration),
            Box::new(m0015_audit::Migration),
            Box::new(m0016_households::Migration),
            Box::new(m0017_pairing_areas::Migration),
            Box::new(m0018_household_visits::Migration),
            Box::new(m0019_household_merges::Migration),
            Box::new(m0020_household_pairings::Migration),
            Box::new(m0021_assistance::Migration),
            Box::new(m0022_village_codes::Migration),
            Box::new(m0023_sealing::Migration),
            Box::new(m0024_entries::Migration),
            Box::new(m0025_retention::Migration),
            Box::new(m0026_second_factors::Migration),
            Box::new(m0027_aid_tallies::Migration),
            Box::new(m0028_household_areas::Migration),
            Box::new(m0029_aid_villages::Migration),
            Box::new(m0030_household_statuses::Migration),
            Box::new(m0031_visit_corrections::Migration),
            Box::new(m0032_readiness::Migration),
            Box::new(m0035_failures_of_accounts::Migration),
            Box::new(m0036_session_lists::Migration),
            Box::new(m0037_entered::Migration),
            Box::new(m0039_confirmed_donations::Migration),
            Box::new(m0041_audit_proofs::Migration),
            Box::new(m0043_account_requests::Migration),
            Box::new(m0044_history_seen::Migration),
        ]
    }
}
