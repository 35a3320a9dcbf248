//! Attachments: what is known of a file; its contents lie in the object store under its id.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let attachments = table("attachments")
            .col(code("object_type"))
            .col(text("object_id", 36))
            .col(text("file_name", 200))
            .col(text("media_type", 100))
            .col(big_number("size"))
            .col(text("sha256", 64))
            .col(id("created_by"))
            .col(instant("created_at"))
            .foreign_key(&mut reference("attachments", "created_by", "users", "id"))
            .to_owned();
        manager.create_table(attachments).await?;
        manager.create_index(index("attachments", &["object_type", "object_id", "created_at", "id"])).await?;
        manager.create_index(index("attachments", &["created_by"])).await
    }
}
