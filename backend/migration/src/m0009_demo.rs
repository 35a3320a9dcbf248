//! What a deployment filled with demo data remembers of itself.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let demo = bare_table("demo").col(number("id").primary_key()).col(big_number("clock_ahead_seconds")).to_owned();
        manager.create_table(demo).await
    }
}
