//! Inspections: checklists, rounds, what is seen at each pairing, and what has to be mended.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rounds(manager).await?;
        inspections(manager).await?;
        findings(manager).await
    }
}

async fn rounds(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut checklists = table("checklists")
        .col(area("area_code"))
        .col(text("title", 100))
        .col(name_key(manager))
        .col(name_words())
        .col(null(text("description", 1000)))
        // Items are JSON, because they are read and written with their checklist, and copied with it.
        .col(json("items"))
        .col(code("state"))
        .foreign_key(&mut reference("checklists", "area_code", "areas", "code"))
        .to_owned();
    manager.create_table(versioned(&mut checklists).to_owned()).await?;
    manager.create_index(index("checklists", &["area_code", "state"])).await?;
    manager.create_index(index("checklists", &["updated_at", "id"])).await?;
    manager.create_index(index("checklists", &["name_key", "id"])).await?;

    let mut rounds = table("inspection_rounds")
        .col(id("campaign_id"))
        .col(area("area_code"))
        .col(code("kind"))
        .col(text("title", 100))
        .col(name_words())
        .col(date("starts_on"))
        .col(date("ends_on"))
        .col(id("checklist_id"))
        .col(json("selection"))
        .col(json("inspectors"))
        .col(json("inspector_names"))
        .col(null(json("items")))
        .col(null(json("draw")))
        .col(code("state"))
        .col(null(date("opened_on")))
        .col(null(date("closed_on")))
        .foreign_key(&mut reference("inspection_rounds", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("inspection_rounds", "area_code", "areas", "code"))
        .foreign_key(&mut reference("inspection_rounds", "checklist_id", "checklists", "id"))
        .to_owned();
    manager.create_table(versioned(&mut rounds).to_owned()).await?;
    manager.create_index(index("inspection_rounds", &["campaign_id", "state"])).await?;
    manager.create_index(index("inspection_rounds", &["area_code"])).await?;
    manager.create_index(index("inspection_rounds", &["checklist_id"])).await?;
    manager.create_index(index("inspection_rounds", &["starts_on", "id"])).await?;
    manager.create_index(index("inspection_rounds", &["updated_at", "id"])).await
}

async fn inspections(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut inspections = table("inspections")
        .col(id("round_id"))
        .col(id("pairing_id"))
        .col(json("inspectors"))
        .col(json("inspector_names"))
        .col(date("planned_on"))
        .col(null(date("held_on")))
        .col(json("results"))
        .col(null(code("conclusion")))
        .col(null(text("summary", 2000)))
        .col(null(id("entry_id")))
        .col(code("state"))
        .foreign_key(&mut reference("inspections", "round_id", "inspection_rounds", "id"))
        .foreign_key(&mut reference("inspections", "pairing_id", "pairings", "id"))
        .to_owned();
    village_columns(manager, &mut inspections);
    manager.create_table(versioned(&mut inspections).to_owned()).await?;
    // A round looks at a pairing once, even if two people add it at the same time.
    manager.create_index(unique("inspections", &["round_id", "pairing_id"])).await?;
    manager.create_index(index("inspections", &["pairing_id", "state"])).await?;
    manager.create_index(index("inspections", &["planned_on", "id"])).await?;
    manager.create_index(index("inspections", &["updated_at", "id"])).await?;
    area_indexes(manager, "inspections", &["planned_on", "updated_at"]).await?;
    state_indexes(manager, "inspections", "planned_on").await?;

    let inspectors = bare_table("inspection_inspectors")
        .col(id("inspection_id"))
        .col(id("user_id"))
        .primary_key(Index::create().col("inspection_id").col("user_id"))
        .foreign_key(&mut reference("inspection_inspectors", "inspection_id", "inspections", "id"))
        .foreign_key(&mut reference("inspection_inspectors", "user_id", "users", "id"))
        .to_owned();
    manager.create_table(inspectors).await?;
    manager.create_index(index("inspection_inspectors", &["user_id"])).await
}

async fn findings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut findings = table("findings")
        .col(id("inspection_id"))
        .col(id("pairing_id"))
        .col(null(number("item")))
        .col(code("severity"))
        .col(text("problem", 2000))
        .col(date("found_on"))
        .col(date("due_on"))
        .col(date("first_due_on"))
        .col(code("responsible"))
        .col(code("state"))
        .col(number("reopenings"))
        .col(null(text("rectification", 2000)))
        .col(null(date("rectified_on")))
        .col(null(instant("submitted_at")))
        .col(null(id("rectified_by")))
        .col(null(text("rectified_by_name", 60)))
        .col(null(code("rectified_role")))
        .col(null(text("on_behalf_reason", 1000)))
        .col(null(instant("verified_at")))
        .col(null(id("verified_by")))
        .col(null(text("verified_by_name", 60)))
        .col(null(code("verified_role")))
        .col(null(text("verification", 2000)))
        .col(null(date("closed_on")))
        .foreign_key(&mut reference("findings", "inspection_id", "inspections", "id"))
        .foreign_key(&mut reference("findings", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("findings", "rectified_by", "users", "id"))
        .foreign_key(&mut reference("findings", "verified_by", "users", "id"))
        // Whoever rectifies never verifies, and nothing is closed by its own side, whatever the service thinks.
        .check(Expr::cust(
            "verified_by IS NULL OR (verified_by <> rectified_by AND verified_role <> rectified_role AND verified_role <> responsible)",
        ))
        .check(Expr::cust("state <> 'closed' OR (verified_by IS NOT NULL AND rectified_by IS NOT NULL AND closed_on IS NOT NULL)"))
        .to_owned();
    village_columns(manager, &mut findings);
    manager.create_table(versioned(&mut findings).to_owned()).await?;
    manager.create_index(index("findings", &["inspection_id", "state"])).await?;
    manager.create_index(index("findings", &["pairing_id", "state"])).await?;
    manager.create_index(index("findings", &["rectified_by"])).await?;
    manager.create_index(index("findings", &["verified_by"])).await?;
    manager.create_index(index("findings", &["due_on", "id"])).await?;
    manager.create_index(index("findings", &["updated_at", "id"])).await?;
    area_indexes(manager, "findings", &["due_on", "updated_at"]).await?;
    state_indexes(manager, "findings", "due_on").await
}
