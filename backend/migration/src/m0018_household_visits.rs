//! Visits to households.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let visits = table("household_visits")
            .col(id("household_id"))
            .col(date("visited_on"))
            .col(bytes("personal"))
            .col(instant("created_at"))
            .foreign_key(&mut reference("household_visits", "household_id", "households", "id"))
            .to_owned();
        manager.create_table(visits).await?;
        manager.create_index(index("household_visits", &["household_id", "visited_on", "id"])).await?;
        manager.create_index(index("household_visits", &["visited_on"])).await
    }
}
