//! Visits that correct others.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let corrects = null(id("corrects_id"));
        manager.alter_table(Table::alter().table("household_visits").add_column(corrects).to_owned()).await?;
        // What is corrected is corrected by one other.
        manager.create_index(unique("household_visits", &["corrects_id"])).await
    }
}
