//! Adoptions of institutions by cadres, and what comes of them: monthly updates, records of help, difficulties and their solution.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut adoptions = table("adoptions")
            .col(id("campaign_id"))
            .col(id("cadre_id"))
            .col(id("institution_id"))
            .col(code("state"))
            .col(code("proposed_by"))
            .col(null(instant("cadre_accepted_at")))
            .col(null(instant("institution_accepted_at")))
            .col(date("answer_due_on"))
            .col(null(text("note", 1000)))
            .col(null(date("active_since")))
            .col(null(date("ended_on")))
            .foreign_key(&mut reference("adoptions", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("adoptions", "cadre_id", "users", "id"))
            .foreign_key(&mut reference("adoptions", "institution_id", "institutions", "id"))
            .to_owned();
        manager.create_table(versioned(&mut adoptions).to_owned()).await?;
        manager.create_index(index("adoptions", &["campaign_id", "state"])).await?;
        manager.create_index(index("adoptions", &["cadre_id", "state"])).await?;
        manager.create_index(index("adoptions", &["institution_id", "state"])).await?;
        manager.create_index(index("adoptions", &["state", "answer_due_on"])).await?;
        manager.create_index(index("adoptions", &["updated_at", "id"])).await?;
        // The same two have at most one live adoption in a campaign, even if both propose it at the same time.
        let live = Expr::col("state").is_in(["proposed", "accepted", "active"]);
        let one = unique("adoptions", &["campaign_id", "cadre_id", "institution_id"]).and_where(live).to_owned();
        manager.create_index(one).await?;

        let mut updates = table("adoption_updates")
            .col(id("adoption_id"))
            .col(text("month", 7))
            .col(text("content", 2000))
            .foreign_key(&mut reference("adoption_updates", "adoption_id", "adoptions", "id"))
            .to_owned();
        manager.create_table(versioned(&mut updates).to_owned()).await?;
        manager.create_index(unique("adoption_updates", &["adoption_id", "month"])).await?;
        manager.create_index(index("adoption_updates", &["month", "id"])).await?;
        manager.create_index(index("adoption_updates", &["updated_at", "id"])).await?;

        let mut help = table("help_records")
            .col(id("adoption_id"))
            .col(code("kind"))
            .col(date("happened_on"))
            .col(null(big_number("amount_fen")))
            // Goods are JSON, because they are read and written with their record.
            .col(json("goods"))
            .col(null(number("hours")))
            .col(null(text("description", 1000)))
            .col(code("state"))
            .foreign_key(&mut reference("help_records", "adoption_id", "adoptions", "id"))
            .to_owned();
        manager.create_table(versioned(&mut help).to_owned()).await?;
        manager.create_index(index("help_records", &["adoption_id", "state"])).await?;
        manager.create_index(index("help_records", &["happened_on", "id"])).await?;
        manager.create_index(index("help_records", &["updated_at", "id"])).await?;

        let mut difficulties = table("difficulties")
            .col(id("campaign_id"))
            .col(id("institution_id"))
            .col(text("title", 100))
            .col(null(text("description", 2000)))
            .col(date("raised_on"))
            .col(code("state"))
            .col(null(date("solved_on")))
            .col(null(text("solution", 1000)))
            .col(null(id("adoption_id")))
            .foreign_key(&mut reference("difficulties", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("difficulties", "institution_id", "institutions", "id"))
            .foreign_key(&mut reference("difficulties", "adoption_id", "adoptions", "id"))
            .to_owned();
        manager.create_table(versioned(&mut difficulties).to_owned()).await?;
        manager.create_index(index("difficulties", &["campaign_id", "state"])).await?;
        manager.create_index(index("difficulties", &["institution_id", "state"])).await?;
        manager.create_index(index("difficulties", &["adoption_id"])).await?;
        manager.create_index(index("difficulties", &["raised_on", "id"])).await?;
        manager.create_index(index("difficulties", &["updated_at", "id"])).await
    }
}
