//! Households, their members, and the statuses they have had.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut households = table("households")
            .col(area("village_code"))
            // Its number within the village.
            .col(number("sequence"))
            .col(code("status"))
            .col(date("status_since"))
            .col(date("registered_on"))
            .col(code("category"))
            .col(code("main_cause"))
            .col(json("secondary_causes"))
            .col(json("groups"))
            .col(null(big_number("income_per_head_fen")))
            .col(number("member_count"))
            .col(flag("consented"))
            .col(json("missing"))
            .col(flag("complete"))
            .col(bytes("personal"))
            .col(null(bytes("phone_hash")))
            .foreign_key(&mut reference("households", "village_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut households).to_owned()).await?;
        manager.create_index(unique("households", &["village_code", "sequence"])).await?;
        manager.create_index(index("households", &["status", "village_code"])).await?;
        manager.create_index(index("households", &["phone_hash"])).await?;
        manager.create_index(index("households", &["status_since", "id"])).await?;
        manager.create_index(index("households", &["updated_at", "id"])).await?;

        let members = table("household_members")
            .col(id("household_id"))
            .col(number("position"))
            .col(bytes("personal"))
            .col(bytes("name_hash"))
            .col(null(bytes("identity_hash")))
            .foreign_key(&mut reference("household_members", "household_id", "households", "id"))
            .to_owned();
        manager.create_table(members).await?;
        manager.create_index(index("household_members", &["household_id", "position"])).await?;
        manager.create_index(index("household_members", &["name_hash"])).await?;
        // Nobody is a member of two households.
        manager.create_index(unique("household_members", &["identity_hash"])).await?;

        let statuses = table("household_statuses")
            .col(id("household_id"))
            .col(code("status"))
            .col(date("since"))
            .col(null(text("note", 1000)))
            .foreign_key(&mut reference("household_statuses", "household_id", "households", "id"))
            .to_owned();
        manager.create_table(statuses).await?;
        manager.create_index(index("household_statuses", &["household_id", "id"])).await?;
        manager.create_index(index("household_statuses", &["status", "since"])).await?;
        // How often somebody has read files in full is asked with each reveal.
        manager.create_index(index("audit_events", &["actor_id", "action", "at"])).await
    }
}
