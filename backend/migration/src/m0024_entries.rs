//! What a device calls a file that it attaches, so that it is attached once. Visits and records are called by their own ids.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entry = null(id("entry_id"));
        manager.alter_table(Table::alter().table("attachments").add_column(entry).to_owned()).await?;
        manager.create_index(unique("attachments", &["entry_id"])).await
    }
}
