//! What became of a household is found by the household. By status, SQLite went through all that were ever registered for each household anew: the ledger of a
//! hundred thousand took longer than a request may.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("household_statuses", &["household_id", "status", "since"])).await?;
        manager.drop_index(Index::drop().name("ix_household_statuses_status_since").table("household_statuses").to_owned()).await
    }
}
