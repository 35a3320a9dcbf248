//! When a status of a household was entered, and its consent or the withdrawal of it: the time that a family is known for counts from then.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What the history says of a household, by what it did.
const ENTERED: [(&str, &str); 2] = [
    ("status_at", "e.action IN ('create', 'assist', 'lift_out', 'relapse')"),
    ("consent_at", "e.action IN ('create', 'update', 'merge', 'unmerge') AND CAST(e.changes AS text) LIKE '%\"consent\"%'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => {
                let part = |from, length| format!("substr(hex(households.id), {from}, {length})");
                let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
                format!("lower({})", parts.join(" || '-' || "))
            }
            _ => "CAST(households.id AS text)".to_owned(),
        };
        for (column, by) in ENTERED {
            manager.alter_table(Table::alter().table("households").add_column(null(instant(column))).to_owned()).await?;
            // What the history does not say was entered when the file changed last, at the latest.
            let entered = format!(
                "UPDATE households SET {column} = COALESCE((SELECT MAX(e.at) FROM audit_events e \
                 WHERE e.object_type = 'households' AND e.object_id = {id} AND {by}), updated_at)"
            );
            manager.get_connection().execute_unprepared(&entered).await?;
        }
        Ok(())
    }
}
