//! Pairings with households, on the same mechanism as those with villages.

use sea_orm_migration::prelude::*;

use crate::columns::*;
use crate::m0014_tallies;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut kind = code("kind");
        let mut household = null(id("household_id"));
        // A reference that is made together with its column: SQLite adds none to columns that are there.
        household.extra("REFERENCES households (id) ON DELETE RESTRICT ON UPDATE RESTRICT");
        for column in [kind.default("village"), &mut household] {
            manager.alter_table(Table::alter().table("pairings").add_column(column.to_owned()).to_owned()).await?;
        }
        manager.create_index(index("pairings", &["household_id"])).await?;
        // 一对一: the same two have at most one live pairing of each kind in a campaign, also when both press the button at once.
        manager
            .drop_index(Index::drop().name("ix_pairings_campaign_id_organisation_id_village_code").table("pairings").to_owned())
            .await?;
        for (kind, party) in [("village", "village_code"), ("household", "household_id")] {
            let live = Expr::col("state").is_in(["proposed", "accepted", "confirmed", "active"]).and(Expr::col("kind").eq(kind));
            let one = unique("pairings", &["campaign_id", "organisation_id", party])
                .name(format!("ix_pairings_one_{kind}"))
                .and_where(live)
                .to_owned();
            manager.create_index(one).await?;
        }
        manager.create_index(index("pairings", &["kind", "updated_at", "id"])).await?;
        // What is counted of a campaign's pairings is counted of those with villages.
        m0014_tallies::count_villages_pairings(manager).await
    }
}
