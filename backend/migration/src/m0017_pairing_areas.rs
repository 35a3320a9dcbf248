//! County and town of a pairing as columns, so that their pairings are found in the order of a list, and counted, in one index. As a range of village codes
//! they had to be sorted, and databases guess badly how many lie in a range.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        area_columns(manager, "pairings").await?;
        // What a list of pairings is filtered by lies behind its order, so that counting reads nothing but the index.
        for area in ["county_code", "town_code"] {
            manager.create_index(index("pairings", &[area, "updated_at", "id", "campaign_id", "state"])).await?;
        }
        manager.create_index(index("pairings", &["campaign_id", "updated_at", "id", "state"])).await?;
        manager.drop_index(Index::drop().name("ix_pairings_campaign_id_state").table("pairings").to_owned()).await
    }
}
