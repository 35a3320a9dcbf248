//! Supervision orders with their numbers, and meetings with those who take part.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut orders = table("supervision_orders")
            .col(id("campaign_id"))
            .col(area("issuer_code"))
            .col(null(area("area_code")))
            .col(null(id("organisation_id")))
            .col(code("state"))
            .col(code("colour"))
            .col(null(text("number", 80)))
            .col(null(text("closing_number", 80)))
            .col(date("due_on"))
            .col(text("demand", 2000))
            .col(null(text("rectification", 1000)))
            // An order keeps its names and what was behind on the day on which it was drafted.
            .col(text("campaign_title", 100))
            .col(text("issuer_name", 100))
            .col(text("addressee_name", 130))
            .col(name_key(manager))
            .col(name_words())
            .col(json("matters"))
            .col(number("matter_count"))
            .col(date("drafted_on"))
            .col(null(date("issued_on")))
            .col(null(date("received_on")))
            .col(null(text("received_by", 60)))
            .col(null(date("answered_on")))
            .col(null(date("closed_on")))
            .foreign_key(&mut reference("supervision_orders", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("supervision_orders", "issuer_code", "areas", "code"))
            .foreign_key(&mut reference("supervision_orders", "area_code", "areas", "code"))
            .foreign_key(&mut reference("supervision_orders", "organisation_id", "organisations", "id"))
            // Nobody closes what they were told to mend.
            .check(Expr::col("issuer_code").ne(Expr::col("area_code")))
            .to_owned();
        manager.create_table(versioned(&mut orders).to_owned()).await?;
        for columns in [
            ["campaign_id", "state"],
            ["issuer_code", "state"],
            ["area_code", "state"],
            ["organisation_id", "state"],
            ["due_on", "id"],
            ["updated_at", "id"],
        ] {
            manager.create_index(index("supervision_orders", &columns)).await?;
        }
        manager.create_index(unique("supervision_orders", &["issuer_code", "number"])).await?;
        manager.create_index(unique("supervision_orders", &["issuer_code", "closing_number"])).await?;

        let counters = bare_table("supervision_order_counters")
            .col(area("issuer_code"))
            .col(code("action"))
            .col(number("year"))
            .col(number("last"))
            .primary_key(Index::create().col("issuer_code").col("action").col("year"))
            .foreign_key(&mut reference("supervision_order_counters", "issuer_code", "areas", "code"))
            .to_owned();
        manager.create_table(counters).await?;

        let mut meetings = table("meetings")
            .col(id("campaign_id"))
            .col(area("area_code"))
            .col(code("kind"))
            .col(text("title", 100))
            .col(name_words())
            .col(code("state"))
            .col(date("held_on"))
            .col(text("place", 100))
            .col(text("chair", 60))
            .col(null(number("person_count")))
            .col(null(text("resolutions", 5000)))
            // By the names of the day on which it was written.
            .col(json("attendance"))
            .col(number("unit_count"))
            .foreign_key(&mut reference("meetings", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("meetings", "area_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut meetings).to_owned()).await?;
        for columns in [["campaign_id", "state"], ["area_code", "state"], ["held_on", "id"], ["updated_at", "id"]] {
            manager.create_index(index("meetings", &columns)).await?;
        }

        // For whom a meeting exists.
        let participants = bare_table("meeting_participants")
            .col(id("meeting_id"))
            .col(number("position"))
            .col(null(area("area_code")))
            .col(null(id("organisation_id")))
            .primary_key(Index::create().col("meeting_id").col("position"))
            .foreign_key(&mut reference("meeting_participants", "meeting_id", "meetings", "id"))
            .foreign_key(&mut reference("meeting_participants", "area_code", "areas", "code"))
            .foreign_key(&mut reference("meeting_participants", "organisation_id", "organisations", "id"))
            .to_owned();
        manager.create_table(participants).await?;
        manager.create_index(index("meeting_participants", &["area_code"])).await?;
        manager.create_index(index("meeting_participants", &["organisation_id"])).await
    }
}
