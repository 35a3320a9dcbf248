//! Until when the person of an account has seen what others did with it.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let seen = Table::alter().table("users").add_column(null(instant("history_seen_at"))).to_owned();
        manager.alter_table(seen).await?;
        // What was done before nobody was told of, and nobody needs to be now.
        manager.get_connection().execute_unprepared("UPDATE users SET history_seen_at = updated_at").await?;
        Ok(())
    }
}
