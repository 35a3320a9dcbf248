//! The table of the tallies. [`tallies`](crate::tallies) declares what they count and creates the triggers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tallies = bare_table("tallies")
            .col(id("campaign_id"))
            .col(text("area_code", 9))
            .col(code("figure"))
            .col(text("key", 60))
            .col(big_number("n"))
            .col(big_number("total"))
            .to_owned();
        let key = ["campaign_id", "area_code", "figure", "key"];
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            tallies.primary_key(Index::create().col(key[0]).col(key[1]).col(key[2]).col(key[3]));
            manager.create_table(tallies).await?;
        } else {
            manager.create_table(tallies).await?;
            manager.create_index(index("tallies", &key)).await?;
        }
        // The key serves the dashboard, which reads all figures of a campaign. The total of a list is the sum of one figure in an
        // area, usually of all campaigns, and is added up from this index alone.
        manager.create_index(index("tallies", &["figure", "area_code", "campaign_id", "key", "n"])).await
    }
}
