//! Which account failures to sign in are about. They are counted by account and address together from now on, under a hash.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let account = Table::alter().table("login_failures").add_column(null(text("account", 60))).to_owned();
        manager.alter_table(account).await?;
        // They were kept for a day, under what was typed.
        manager.get_connection().execute_unprepared("DELETE FROM login_failures").await?;
        manager.create_index(index("login_failures", &["account"])).await
    }
}
