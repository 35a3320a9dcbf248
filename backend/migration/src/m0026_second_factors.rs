//! Second factors of accounts: the secret in use and one that is to be confirmed, both sealed, and the last step of thirty seconds that was used.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [null(bytes("second_factor")), null(bytes("second_factor_new")), null(big_number("second_factor_step"))];
        for mut column in columns {
            manager.alter_table(Table::alter().table("users").add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }
}
