//! The village of plans, measures and records as columns, as what hangs on a pairing has it: their lists joined the household and sorted all that a county
//! had. A household's file keeps its village for good, hence so do these.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const OF_HOUSEHOLD: &str = "SELECT h.village_code FROM households h WHERE h.id = household_id";
const OF_PLAN: &str = "SELECT p.village_code FROM assistance_plans p WHERE p.id = plan_id";
/// The orders that nothing is listed in any more but within an area.
const SUPERSEDED: [(&str, &str); 4] = [
    ("assistance_plans", "ix_assistance_plans_updated_at_id"),
    ("assistance_measures", "ix_assistance_measures_month_id"),
    ("assistance_measures", "ix_assistance_measures_updated_at_id"),
    ("assistance_records", "ix_assistance_records_updated_at_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        village_columns(manager, "assistance_plans", OF_HOUSEHOLD, &["updated_at"]).await?;
        village_columns(manager, "assistance_measures", OF_PLAN, &["month", "updated_at"]).await?;
        village_columns(manager, "assistance_records", OF_HOUSEHOLD, &["happened_on", "updated_at"]).await?;
        for (table, name) in SUPERSEDED {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        Ok(())
    }
}
