//! Merges of two files of the same household: what is needed to undo them.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let merges = table("household_merges")
            .col(id("kept_id"))
            .col(id("merged_id"))
            .col(instant("merged_at"))
            // Where each member came from.
            .col(json("origins"))
            // What was taken from the merged file.
            .col(json("taken"))
            // What stood there before.
            .col(bytes("personal"))
            .foreign_key(&mut reference("household_merges", "kept_id", "households", "id"))
            .foreign_key(&mut reference("household_merges", "merged_id", "households", "id"))
            .to_owned();
        manager.create_table(merges).await?;
        manager.create_index(index("household_merges", &["kept_id", "id"])).await?;
        // A file goes up in one other.
        manager.create_index(unique("household_merges", &["merged_id"])).await
    }
}
