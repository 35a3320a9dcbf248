//! Outcomes.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut outcomes = table("outcomes")
            .col(id("pairing_id"))
            .col(null(id("progress_update_id")))
            .col(null(id("project_id")))
            .col(null(id("replaces_id")))
            .col(code("indicator"))
            .col(big_number("quantity"))
            .col(date("happened_on"))
            .col(null(text("description", 1000)))
            .col(code("state"))
            .foreign_key(&mut reference("outcomes", "pairing_id", "pairings", "id"))
            .foreign_key(&mut reference("outcomes", "progress_update_id", "progress_updates", "id"))
            .foreign_key(&mut reference("outcomes", "project_id", "projects", "id"))
            .foreign_key(&mut reference("outcomes", "replaces_id", "outcomes", "id"))
            .to_owned();
        manager.create_table(versioned(&mut outcomes).to_owned()).await?;
        manager.create_index(index("outcomes", &["pairing_id", "state"])).await?;
        manager.create_index(index("outcomes", &["progress_update_id"])).await?;
        manager.create_index(index("outcomes", &["project_id"])).await?;
        manager.create_index(index("outcomes", &["replaces_id"])).await?;
        manager.create_index(index("outcomes", &["state", "indicator"])).await?;
        manager.create_index(index("outcomes", &["happened_on", "id"])).await?;
        manager.create_index(index("outcomes", &["quantity", "id"])).await?;
        manager.create_index(index("outcomes", &["updated_at", "id"])).await?;
        // What is corrected is corrected by one other, so that it is counted once.
        let live = Expr::col("state").ne("withdrawn");
        let one = unique("outcomes", &["replaces_id"]).name("ix_outcomes_one_correction").and_where(live).to_owned();
        manager.create_index(one).await
    }
}
