//! What was done for families is counted with each change, as the rest of the dashboard is.

use sea_orm_migration::prelude::*;

use crate::m0014_tallies;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        m0014_tallies::count_aid(manager).await
    }
}
