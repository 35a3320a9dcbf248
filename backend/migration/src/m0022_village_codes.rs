//! The village of what hangs on a pairing, and of it county and town, as columns: so that its lists are walked in their order, as those of pairings are. Before,
//! all that a county had was joined and sorted for each page. A pairing keeps its village for good, hence so do these.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const OF_PAIRING: &str = "SELECT p.village_code FROM pairings p WHERE p.id = pairing_id";
const OF_PROJECT: &str = "SELECT r.village_code FROM projects r WHERE r.id = project_id";
/// Each table, where its village comes from, and the order its lists come in.
const TABLES: [(&str, &str, &str); 5] = [
    ("agreements", OF_PAIRING, "updated_at"),
    ("projects", OF_PAIRING, "updated_at"),
    ("progress_updates", OF_PAIRING, "updated_at"),
    ("outcomes", OF_PAIRING, "updated_at"),
    ("tasks", OF_PROJECT, "due_on"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, village, order) in TABLES {
            village_columns(manager, table, village, &[order]).await?;
        }
        Ok(())
    }
}
