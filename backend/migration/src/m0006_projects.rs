//! Projects and their tasks.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut projects = table("projects")
            .col(id("pairing_id"))
            .col(text("title", 100))
            .col(code("goal"))
            .col(null(code("industry")))
            .col(text("cooperation_form", 2000))
            .col(text("plan", 10_000))
            .col(big_number("budget_fen"))
            .col(big_number("spent_fen"))
            // Sources and expected outcomes are read and written with their project as one.
            .col(json("funding"))
            .col(json("expected_outcomes"))
            .col(date("starts_on"))
            .col(date("ends_on"))
            .col(code("state"))
            .col(null(instant("organisation_consented_at")))
            .col(null(instant("village_consented_at")))
            .foreign_key(&mut reference("projects", "pairing_id", "pairings", "id"))
            .to_owned();
        manager.create_table(versioned(&mut projects).to_owned()).await?;
        manager.create_index(index("projects", &["pairing_id", "state"])).await?;
        manager.create_index(index("projects", &["updated_at", "id"])).await?;
        manager.create_index(index("projects", &["state", "id"])).await?;

        let mut tasks = table("tasks")
            .col(id("project_id"))
            .col(text("month", 7))
            .col(text("title", 200))
            .col(code("responsible"))
            .col(date("due_on"))
            .col(number("weight"))
            .col(code("state"))
            .col(null(date("done_on")))
            .col(number("position"))
            .foreign_key(&mut reference("tasks", "project_id", "projects", "id"))
            .to_owned();
        manager.create_table(versioned(&mut tasks).to_owned()).await?;
        manager.create_index(index("tasks", &["project_id", "state", "due_on"])).await?;
        manager.create_index(index("tasks", &["state", "due_on", "id"])).await?;
        manager.create_index(index("tasks", &["updated_at", "id"])).await
    }
}
