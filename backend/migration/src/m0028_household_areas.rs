//! County and town of a household file as columns, indexed in each order of the list: of a county of half a million files a page was sorted out of all of them.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        area_columns(manager, "households").await?;
        for area in ["county_code", "town_code"] {
            for order in ["village_code", "updated_at", "status_since"] {
                manager.create_index(index("households", &[area, order, "id"])).await?;
            }
        }
        for name in ["ix_households_updated_at_id", "ix_households_status_since_id"] {
            manager.drop_index(Index::drop().name(name).table("households").to_owned()).await?;
        }
        Ok(())
    }
}
