//! The row that `/readyz` writes and reads back: a database that only reads is not ready.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let readiness = bare_table("readiness").col(number("id").primary_key()).col(big_number("written")).to_owned();
        manager.create_table(readiness).await
    }
}
