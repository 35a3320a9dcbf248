//! What is kept for repeated requests is sealed, and every attachment says which key it is sealed under.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The first answers of one day, which have to go: they told in plain what others are shown masked.
        manager.drop_table(Table::drop().table("idempotency_keys").to_owned()).await?;
        let repeats = table("idempotency_keys")
            .col(id("caller_id"))
            .col(text("key", 100))
            .col(bytes("fingerprint"))
            .col(number("status"))
            .col(null(text("location", 300)))
            .col(null(text("etag", 60)))
            .col(null(bytes("answer")))
            .col(instant("created_at"))
            .to_owned();
        manager.create_table(repeats).await?;
        manager.create_index(unique("idempotency_keys", &["caller_id", "key"])).await?;
        manager.create_index(index("idempotency_keys", &["created_at"])).await?;

        // None for what is not sealed, or was before its key was written down.
        let key = Table::alter().table("attachments").add_column(null(text("key_id", 8))).to_owned();
        manager.alter_table(key).await
    }
}
