//! Donations that bureau or town have confirmed. Whoever typed in those that are there, nobody has.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let confirmed = flag("confirmed").default(false).to_owned();
        manager.alter_table(Table::alter().table("directed_donations").add_column(confirmed).to_owned()).await
    }
}
