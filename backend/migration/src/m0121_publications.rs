//! Figures as the public is told them, and the order in which it reads cases.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut publications = table("publications")
            .col(id("campaign_id"))
            .col(text("month", 7))
            .col(number("issue_number"))
            .col(code("state"))
            .col(json("figures"))
            .col(json("counts"))
            .col(text("digest", 64))
            .col(number("shown_count"))
            .col(number("held_back_count"))
            .col(date("published_on"))
            .col(text("published_by", 60))
            .col(null(date("withdrawn_on")))
            .col(null(text("reason", 1000)))
            .foreign_key(&mut reference("publications", "campaign_id", "campaigns", "id"))
            .to_owned();
        manager.create_table(versioned(&mut publications).to_owned()).await?;
        // Of two who publish at once, one does: a month stands once, and each decides from all that came before it.
        manager.create_index(unique("publications", &["campaign_id", "issue_number"])).await?;
        let standing = Expr::col("state").eq("published");
        manager.create_index(unique("publications", &["campaign_id", "month"]).and_where(standing).to_owned()).await?;
        for columns in [&["state", "month", "id"][..], &["state", "published_on", "id"], &["month", "id"], &["updated_at", "id"]]
        {
            manager.create_index(index("publications", columns)).await?;
        }
        manager.create_index(index("cases", &["state", "published_on", "id"])).await
    }
}
