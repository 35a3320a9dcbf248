//! One-time passwords, and until when somebody who failed to sign in has to wait.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let one_time = Table::alter().table("users").add_column(null(instant("one_time_until"))).to_owned();
        manager.alter_table(one_time).await?;
        let locked = Table::alter().table("login_failures").add_column(null(instant("locked_until"))).to_owned();
        manager.alter_table(locked).await?;
        manager.create_index(index("users", &["display_name", "id"])).await?;
        manager.create_index(index("users", &["updated_at", "id"])).await
    }
}
