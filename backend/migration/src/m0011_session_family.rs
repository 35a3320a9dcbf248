//! By what a refresh token that is long out of date is still known as one of its session's.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Sessions from before have none; they end as they used to.
        let family = null(text("family_hash", 100));
        manager.alter_table(Table::alter().table("sessions").add_column(family).to_owned()).await
    }
}
