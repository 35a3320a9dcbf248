//! Agreements and the counters of their numbers.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut agreements = table("agreements")
            .col(id("pairing_id"))
            .col(id("campaign_id"))
            .col(null(text("number", 40)))
            .col(code("state"))
            .col(date("starts_on"))
            .col(date("ends_on"))
            .col(null(date("signed_on")))
            .col(text("organisation_signatory", 60))
            .col(text("village_signatory", 60))
            .col(null(text("witness", 60)))
            .col(text("cooperation_content", 5000))
            .col(text("organisation_obligations", 5000))
            .col(text("village_obligations", 5000))
            .foreign_key(&mut reference("agreements", "pairing_id", "pairings", "id"))
            .foreign_key(&mut reference("agreements", "campaign_id", "campaigns", "id"))
            .to_owned();
        manager.create_table(versioned(&mut agreements).to_owned()).await?;
        manager.create_index(index("agreements", &["pairing_id", "state"])).await?;
        manager.create_index(index("agreements", &["updated_at", "id"])).await?;
        manager.create_index(index("agreements", &["state", "ends_on"])).await?;
        manager.create_index(unique("agreements", &["campaign_id", "number"])).await?;
        // 一对一: a pairing has at most one agreement that is drafted or in force.
        let live = Expr::col("state").is_in(["draft", "signed"]);
        manager.create_index(unique("agreements", &["pairing_id"]).and_where(live).to_owned()).await?;

        // The last number given, by campaign and year: its row is what two signings at once queue at.
        let counters = bare_table("agreement_counters")
            .col(id("campaign_id"))
            .col(number("year"))
            .col(number("last"))
            .primary_key(Index::create().col("campaign_id").col("year"))
            .foreign_key(&mut reference("agreement_counters", "campaign_id", "campaigns", "id"))
            .to_owned();
        manager.create_table(counters).await
    }
}
