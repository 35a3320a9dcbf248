//! Progress updates, and the day on which a pairing ended.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ended = Table::alter().table("pairings").add_column(null(date("ended_on"))).to_owned();
        manager.alter_table(ended).await?;
        // Nothing changes a pairing that is over, so its last change is its end.
        let day = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => "date(updated_at, '+8 hours')",
            _ => "(updated_at AT TIME ZONE 'Asia/Shanghai')::date",
        };
        let fill = format!("UPDATE pairings SET ended_on = {day} WHERE state IN ('completed', 'terminated')");
        manager.get_connection().execute_unprepared(&fill).await?;

        let mut updates = table("progress_updates")
            .col(id("pairing_id"))
            .col(text("month", 7))
            .col(text("content", 2000))
            .col(text("progress", 2000))
            .foreign_key(&mut reference("progress_updates", "pairing_id", "pairings", "id"))
            .to_owned();
        manager.create_table(versioned(&mut updates).to_owned()).await?;
        manager.create_index(unique("progress_updates", &["pairing_id", "month"])).await?;
        manager.create_index(index("progress_updates", &["month", "id"])).await?;
        manager.create_index(index("progress_updates", &["updated_at", "id"])).await
    }
}
