//! Enrolments and pairings.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut enrolments = table("enrolments")
            .col(id("campaign_id"))
            .col(code("kind"))
            .col(null(area("village_code")))
            .col(null(id("organisation_id")))
            .col(area("area_code"))
            .col(code("state"))
            .col(null(text("note", 1000)))
            .foreign_key(&mut reference("enrolments", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("enrolments", "village_code", "villages", "code"))
            .foreign_key(&mut reference("enrolments", "organisation_id", "organisations", "id"))
            .to_owned();
        manager.create_table(versioned(&mut enrolments).to_owned()).await?;
        manager.create_index(index("enrolments", &["campaign_id", "kind", "state"])).await?;
        manager.create_index(index("enrolments", &["village_code"])).await?;
        manager.create_index(index("enrolments", &["organisation_id"])).await?;
        manager.create_index(index("enrolments", &["area_code"])).await?;
        manager.create_index(index("enrolments", &["updated_at", "id"])).await?;
        let live = Expr::col("state").is_in(["applied", "nominated", "confirmed"]);
        manager.create_index(unique("enrolments", &["campaign_id", "village_code"]).and_where(live.clone()).to_owned()).await?;
        manager.create_index(unique("enrolments", &["campaign_id", "organisation_id"]).and_where(live).to_owned()).await?;

        let mut pairings = table("pairings")
            .col(id("campaign_id"))
            .col(id("organisation_id"))
            .col(area("village_code"))
            .col(code("state"))
            .col(code("proposed_by"))
            .col(null(instant("organisation_accepted_at")))
            .col(null(instant("village_accepted_at")))
            .col(date("answer_due_on"))
            .col(null(text("note", 1000)))
            .col(null(date("active_since")))
            .foreign_key(&mut reference("pairings", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("pairings", "organisation_id", "organisations", "id"))
            .foreign_key(&mut reference("pairings", "village_code", "villages", "code"))
            .to_owned();
        manager.create_table(versioned(&mut pairings).to_owned()).await?;
        manager.create_index(index("pairings", &["campaign_id", "state"])).await?;
        manager.create_index(index("pairings", &["organisation_id"])).await?;
        manager.create_index(index("pairings", &["village_code", "id"])).await?;
        manager.create_index(index("pairings", &["updated_at", "id"])).await?;
        manager.create_index(index("pairings", &["state", "answer_due_on"])).await?;
        // 一对一: the same two have at most one live pairing in a campaign, also when both press the button at once.
        let live = Expr::col("state").is_in(["proposed", "accepted", "confirmed", "active"]);
        let one = unique("pairings", &["campaign_id", "organisation_id", "village_code"]).and_where(live).to_owned();
        manager.create_index(one).await
    }
}
