//! What both sides rank, and the assignments of a whole campaign.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rankings(manager).await?;
        assignments(manager).await
    }
}

async fn rankings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut rankings = table("rankings")
        .col(id("campaign_id"))
        .col(null(area("village_code")))
        .col(null(id("organisation_id")))
        .col(area("area_code"))
        .col(null(text("on_behalf_reason", 1000)))
        .col(code("state"))
        .foreign_key(&mut reference("rankings", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("rankings", "village_code", "villages", "code"))
        .foreign_key(&mut reference("rankings", "organisation_id", "organisations", "id"))
        .to_owned();
    manager.create_table(versioned(&mut rankings).to_owned()).await?;
    // Each side has one, even if two people send it at the same time.
    manager.create_index(unique("rankings", &["village_code", "campaign_id"])).await?;
    manager.create_index(unique("rankings", &["organisation_id", "campaign_id"])).await?;
    manager.create_index(index("rankings", &["campaign_id", "state"])).await?;
    manager.create_index(index("rankings", &["area_code"])).await?;
    manager.create_index(index("rankings", &["state"])).await?;
    manager.create_index(index("rankings", &["updated_at", "id"])).await?;

    let choices = bare_table("ranking_choices")
        .col(id("ranking_id"))
        .col(number("rank"))
        .col(null(area("ranked_village")))
        .col(null(id("ranked_organisation")))
        .primary_key(Index::create().col("ranking_id").col("rank"))
        .foreign_key(&mut reference("ranking_choices", "ranking_id", "rankings", "id"))
        .foreign_key(&mut reference("ranking_choices", "ranked_village", "villages", "code"))
        .foreign_key(&mut reference("ranking_choices", "ranked_organisation", "organisations", "id"))
        .to_owned();
    manager.create_table(choices).await?;
    manager.create_index(index("ranking_choices", &["ranked_village"])).await?;
    manager.create_index(index("ranking_choices", &["ranked_organisation"])).await
}

async fn assignments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut assignments = table("assignments")
        .col(id("campaign_id"))
        .col(area("area_code"))
        .col(name_key(manager))
        .col(name_words())
        // Settings, figures, reasons and prices are JSON, because they are written once, with their assignment.
        .col(json("details"))
        .col(json("applied_weights"))
        .col(json("figures"))
        .col(json("reasons"))
        .col(json("certificate"))
        .col(text("digest", 64))
        .col(number("recommended"))
        .col(code("state"))
        .foreign_key(&mut reference("assignments", "campaign_id", "campaigns", "id"))
        .to_owned();
    manager.create_table(versioned(&mut assignments).to_owned()).await?;
    manager.create_index(index("assignments", &["campaign_id"])).await?;
    manager.create_index(index("assignments", &["area_code"])).await?;
    manager.create_index(index("assignments", &["updated_at", "id"])).await?;
    manager.create_index(index("assignments", &["name_key", "id"])).await?;

    let lines = table("assignment_lines")
        .col(id("assignment_id"))
        .col(number("position"))
        .col(id("organisation_id"))
        .col(area("village_code"))
        .col(flag("pinned"))
        .col(big_number("score"))
        .col(json("terms"))
        .col(null(id("pairing_id")))
        .foreign_key(&mut reference("assignment_lines", "assignment_id", "assignments", "id"))
        .foreign_key(&mut reference("assignment_lines", "organisation_id", "organisations", "id"))
        .foreign_key(&mut reference("assignment_lines", "village_code", "villages", "code"))
        .foreign_key(&mut reference("assignment_lines", "pairing_id", "pairings", "id"))
        .to_owned();
    manager.create_table(lines).await?;
    manager.create_index(unique("assignment_lines", &["assignment_id", "position"])).await?;
    manager.create_index(index("assignment_lines", &["assignment_id", "score", "id"])).await?;
    manager.create_index(index("assignment_lines", &["organisation_id"])).await?;
    manager.create_index(index("assignment_lines", &["village_code"])).await?;
    manager.create_index(index("assignment_lines", &["pairing_id"])).await?;
    manager.create_index(index("assignment_lines", &["position", "id"])).await?;
    manager.create_index(index("assignment_lines", &["score", "id"])).await
}
