//! Families whose help is over: the day on which their file lost what tells who they are.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let day = Table::alter().table("households").add_column(null(date("anonymised_on"))).to_owned();
        manager.alter_table(day).await
    }
}
