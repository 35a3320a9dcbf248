//! Villages, organisations, campaigns and enrolments.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut villages = bare_table("villages")
            .col(area("code").primary_key())
            .col(null(ColumnDef::new("resources").text().to_owned()))
            .col(json("industries"))
            .col(flag("old_base"))
            .col(null(number("population")))
            .col(number("low_income_households"))
            .col(null(big_number("collective_income_fen")))
            .col(null(text("contact_name", 60)))
            .col(null(text("contact_phone", 60)))
            .foreign_key(&mut reference("villages", "code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut villages).to_owned()).await?;

        let mut organisations = table("organisations")
            .col(text("name", 100))
            .col(name_key(manager))
            .col(name_words())
            .col(text("credit_code", 18))
            .col(code("kind"))
            .col(null(code("rating")))
            .col(area("area_code"))
            .col(null(ColumnDef::new("strengths").text().to_owned()))
            .col(null(number("member_count")))
            .col(null(text("contact_name", 60)))
            .col(null(text("contact_phone", 60)))
            .col(code("state"))
            .col(null(date("ended_on")))
            .col(null(id("successor_id")))
            // One name a line.
            .col(null(ColumnDef::new("former_names").text().to_owned()))
            .foreign_key(&mut reference("organisations", "area_code", "areas", "code"))
            .foreign_key(&mut reference("organisations", "successor_id", "organisations", "id"))
            .to_owned();
        manager.create_table(versioned(&mut organisations).to_owned()).await?;
        manager.create_index(unique("organisations", &["credit_code"])).await?;
        manager.create_index(index("organisations", &["area_code"])).await?;
        manager.create_index(index("organisations", &["name_key", "id"])).await?;
        manager.create_index(index("organisations", &["successor_id"])).await?;

        let donations = table("directed_donations")
            .col(id("organisation_id"))
            .col(area("village_code"))
            .col(date("donated_on"))
            .col(big_number("amount_fen"))
            .col(null(text("purpose", 500)))
            // Whether the bureau or a town has confirmed the donation.
            .col(flag("confirmed").default(false))
            .foreign_key(&mut reference("directed_donations", "organisation_id", "organisations", "id"))
            .foreign_key(&mut reference("directed_donations", "village_code", "areas", "code"))
            .to_owned();
        manager.create_table(donations).await?;
        manager.create_index(index("directed_donations", &["organisation_id"])).await?;
        manager.create_index(index("directed_donations", &["village_code"])).await?;

        let mut campaigns = table("campaigns")
            .col(text("title", 100))
            .col(name_key(manager))
            .col(name_words())
            .col(text("document_number", 60))
            .col(text("agreement_prefix", 20))
            .col(area("area_code"))
            .col(date("starts_on"))
            .col(date("ends_on"))
            // Phases, milestones, settings, targets and the leading group are JSON, because they are read and written with their
            // campaign.
            .col(json("phases"))
            .col(json("milestones"))
            .col(json("settings"))
            .col(json("targets"))
            .col(json("leading_group"))
            // The due days of past months, which a change of the settings must not move.
            .col(json("due_days"))
            .foreign_key(&mut reference("campaigns", "area_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut campaigns).to_owned()).await?;
        manager.create_index(unique("campaigns", &["document_number", "area_code"])).await?;
        manager.create_index(index("campaigns", &["area_code"])).await?;
        manager.create_index(index("campaigns", &["starts_on", "id"])).await?;
        manager.create_index(index("campaigns", &["name_key", "id"])).await?;

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
        versioned(&mut enrolments).col(area_column(manager, "county_code", "area_code", 6));
        manager.create_table(enrolments).await?;
        manager.create_index(index("enrolments", &["campaign_id", "kind", "state"])).await?;
        manager.create_index(index("enrolments", &["village_code"])).await?;
        manager.create_index(index("enrolments", &["organisation_id"])).await?;
        manager.create_index(index("enrolments", &["area_code"])).await?;
        manager.create_index(index("enrolments", &["updated_at", "id"])).await?;
        // Everyone in a county sees its enrolments: in the order of the list, and those that wait for the bureau by their state.
        manager.create_index(index("enrolments", &["county_code", "updated_at", "id"])).await?;
        manager.create_index(index("enrolments", &["county_code", "state", "updated_at", "id"])).await?;
        let live = Expr::col("state").is_in(["applied", "nominated", "confirmed"]);
        manager.create_index(unique("enrolments", &["campaign_id", "village_code"]).and_where(live.clone()).to_owned()).await?;
        manager.create_index(unique("enrolments", &["campaign_id", "organisation_id"]).and_where(live).to_owned()).await
    }
}
