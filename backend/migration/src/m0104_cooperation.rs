//! Pairings and what hangs on them (agreements, projects with their tasks, progress updates and outcomes), the catalogue of needs
//! and offers from which projects take, and the monthly reports.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        pairings(manager).await?;
        agreements(manager).await?;
        projects(manager).await?;
        catalogue(manager).await?;
        progress_updates(manager).await?;
        outcomes(manager).await?;
        reports(manager).await
    }
}

async fn pairings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
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
    versioned(&mut pairings)
        .col(null(date("ended_on")))
        // The triggers of the tallies keep this count up to date.
        .col(number("live_projects").default(0));
    area_columns(manager, &mut pairings)
        .col(code("kind").default("village"))
        .col(null(id("household_id")))
        .foreign_key(&mut reference("pairings", "household_id", "households", "id"));
    manager.create_table(pairings).await?;
    manager.create_index(index("pairings", &["organisation_id"])).await?;
    manager.create_index(index("pairings", &["village_code", "id"])).await?;
    manager.create_index(index("pairings", &["updated_at", "id"])).await?;
    manager.create_index(index("pairings", &["state", "answer_due_on"])).await?;
    manager.create_index(index("pairings", &["household_id"])).await?;
    for area in ["county_code", "town_code"] {
        // The list in its order; the campaign is looked up in the index.
        manager.create_index(index("pairings", &[area, "updated_at", "id", "campaign_id"])).await?;
        // What waits in a state: few rows, except for those with villages among the confirmed, which the kind tells apart.
        manager.create_index(index("pairings", &[area, "state", "updated_at", "id", "kind", "campaign_id"])).await?;
    }
    manager.create_index(index("pairings", &["campaign_id", "updated_at", "id", "state"])).await?;
    // 一对一: two parties have at most one live pairing of each kind in a campaign, even if both propose it at the same time.
    for (kind, party) in [("village", "village_code"), ("household", "household_id")] {
        let live = Expr::col("state").is_in(["proposed", "accepted", "confirmed", "active"]).and(Expr::col("kind").eq(kind));
        let one = unique("pairings", &["campaign_id", "organisation_id", party])
            .name(format!("ix_pairings_one_{kind}"))
            .and_where(live)
            .to_owned();
        manager.create_index(one).await?;
    }
    Ok(())
}

async fn agreements(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut agreements = table("agreements")
        .col(id("pairing_id"))
        .col(id("campaign_id"))
        .col(null(text("number", 40)))
        .col(code("state"))
        .col(date("starts_on"))
        .col(date("ends_on"))
        .col(null(date("signed_on")))
        .col(text("organisation_signatory", 60))
        .col(text("village_signatory", 60))
        .col(null(text("witness", 60)))
        .col(text("cooperation_content", 5000))
        .col(text("organisation_obligations", 5000))
        .col(text("village_obligations", 5000))
        // Copies from the time of signing, so that renaming a party or removing a project does not change what was signed.
        .col(null(text("campaign_title", 100)))
        .col(null(text("organisation_name", 100)))
        .col(null(text("village_name", 60)))
        .col(null(text("town_name", 60)))
        .col(null(json("projects")))
        .foreign_key(&mut reference("agreements", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("agreements", "campaign_id", "campaigns", "id"))
        .to_owned();
    village_columns(manager, versioned(&mut agreements));
    manager.create_table(agreements).await?;
    manager.create_index(index("agreements", &["pairing_id", "state"])).await?;
    manager.create_index(index("agreements", &["updated_at", "id"])).await?;
    manager.create_index(index("agreements", &["state", "ends_on"])).await?;
    manager.create_index(unique("agreements", &["campaign_id", "number"])).await?;
    // 一对一: a pairing has at most one agreement that is a draft or in force.
    let live = Expr::col("state").is_in(["draft", "signed"]);
    manager.create_index(unique("agreements", &["pairing_id"]).and_where(live).to_owned()).await?;
    area_indexes(manager, "agreements", &["updated_at"]).await?;
    state_indexes(manager, "agreements", "updated_at").await?;

    // The last number assigned in a campaign and year. Concurrent signings wait for each other at this row.
    let counters = bare_table("agreement_counters")
        .col(id("campaign_id"))
        .col(number("year"))
        .col(number("last"))
        .primary_key(Index::create().col("campaign_id").col("year"))
        .foreign_key(&mut reference("agreement_counters", "campaign_id", "campaigns", "id"))
        .to_owned();
    manager.create_table(counters).await
}

async fn projects(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut projects = table("projects")
        .col(id("pairing_id"))
        .col(text("title", 100))
        .col(code("goal"))
        .col(null(code("industry")))
        .col(text("cooperation_form", 2000))
        .col(text("plan", 10_000))
        .col(big_number("budget_fen"))
        .col(big_number("spent_fen"))
        // Sources and expected outcomes are JSON, because they are read and written with their project.
        .col(json("funding"))
        .col(json("expected_outcomes"))
        .col(date("starts_on"))
        .col(date("ends_on"))
        .col(code("state"))
        .col(null(instant("organisation_consented_at")))
        .col(null(instant("village_consented_at")))
        .foreign_key(&mut reference("projects", "pairing_id", "pairings", "id"))
        .to_owned();
    village_columns(manager, versioned(&mut projects));
    manager.create_table(projects).await?;
    manager.create_index(index("projects", &["pairing_id", "state"])).await?;
    manager.create_index(index("projects", &["updated_at", "id"])).await?;
    area_indexes(manager, "projects", &["updated_at"]).await?;
    state_indexes(manager, "projects", "updated_at").await?;

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
    village_columns(manager, versioned(&mut tasks));
    manager.create_table(tasks).await?;
    manager.create_index(index("tasks", &["project_id", "state", "due_on"])).await?;
    manager.create_index(index("tasks", &["updated_at", "id"])).await?;
    area_indexes(manager, "tasks", &["due_on"]).await?;
    state_indexes(manager, "tasks", "due_on").await
}

async fn catalogue(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut entries = table("catalogue_entries")
        .col(id("campaign_id"))
        .col(code("side"))
        .col(null(area("village_code")))
        .col(null(id("organisation_id")))
        .col(area("area_code"))
        .col(text("title", 100))
        .col(name_key(manager))
        .col(name_words())
        .col(code("goal"))
        .col(null(code("industry")))
        .col(code("kind"))
        .col(null(code("for_group")))
        .col(text("description", 2000))
        .col(big_number("quantity"))
        .col(text("quantity_unit", 20))
        .col(null(big_number("amount_fen")))
        .col(null(text("from_month", 7)))
        .col(null(text("to_month", 7)))
        .col(code("urgency"))
        .col(null(text("place", 100)))
        .col(null(text("contact_name", 60)))
        .col(null(text("contact_phone", 60)))
        .col(code("state"))
        .foreign_key(&mut reference("catalogue_entries", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("catalogue_entries", "village_code", "villages", "code"))
        .foreign_key(&mut reference("catalogue_entries", "organisation_id", "organisations", "id"))
        .to_owned();
    manager.create_table(versioned(&mut entries).to_owned()).await?;
    manager.create_index(index("catalogue_entries", &["campaign_id", "state", "area_code"])).await?;
    manager.create_index(index("catalogue_entries", &["village_code"])).await?;
    manager.create_index(index("catalogue_entries", &["organisation_id"])).await?;
    manager.create_index(index("catalogue_entries", &["area_code"])).await?;
    manager.create_index(index("catalogue_entries", &["state", "to_month"])).await?;
    for order in ["updated_at", "name_key", "quantity"] {
        manager.create_index(index("catalogue_entries", &[order, "id"])).await?;
    }

    // What projects take of the entries. What that means follows from the state of the project, so nothing is counted twice.
    let commitments = bare_table("catalogue_commitments")
        .col(id("entry_id"))
        .col(id("project_id"))
        .col(big_number("quantity"))
        .primary_key(Index::create().col("entry_id").col("project_id"))
        .foreign_key(&mut reference("catalogue_commitments", "entry_id", "catalogue_entries", "id"))
        .foreign_key(&mut reference("catalogue_commitments", "project_id", "projects", "id"))
        .to_owned();
    manager.create_table(commitments).await?;
    manager.create_index(index("catalogue_commitments", &["project_id"])).await
}

async fn progress_updates(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut updates = table("progress_updates")
        .col(id("pairing_id"))
        .col(text("month", 7))
        .col(text("content", 2000))
        .col(text("progress", 2000))
        .foreign_key(&mut reference("progress_updates", "pairing_id", "pairings", "id"))
        .to_owned();
    village_columns(manager, versioned(&mut updates));
    manager.create_table(updates).await?;
    manager.create_index(unique("progress_updates", &["pairing_id", "month"])).await?;
    manager.create_index(index("progress_updates", &["month", "id"])).await?;
    manager.create_index(index("progress_updates", &["updated_at", "id"])).await?;
    area_indexes(manager, "progress_updates", &["updated_at"]).await
}

async fn outcomes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut outcomes = table("outcomes")
        .col(id("pairing_id"))
        .col(null(id("progress_update_id")))
        .col(null(id("project_id")))
        .col(null(id("replaces_id")))
        .col(code("indicator"))
        .col(big_number("quantity"))
        .col(date("happened_on"))
        .col(null(text("description", 1000)))
        .col(code("state"))
        .foreign_key(&mut reference("outcomes", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("outcomes", "progress_update_id", "progress_updates", "id"))
        .foreign_key(&mut reference("outcomes", "project_id", "projects", "id"))
        .foreign_key(&mut reference("outcomes", "replaces_id", "outcomes", "id"))
        .to_owned();
    village_columns(manager, versioned(&mut outcomes));
    manager.create_table(outcomes).await?;
    manager.create_index(index("outcomes", &["pairing_id", "state"])).await?;
    manager.create_index(index("outcomes", &["progress_update_id"])).await?;
    manager.create_index(index("outcomes", &["project_id"])).await?;
    manager.create_index(index("outcomes", &["replaces_id"])).await?;
    manager.create_index(index("outcomes", &["happened_on", "id"])).await?;
    manager.create_index(index("outcomes", &["quantity", "id"])).await?;
    manager.create_index(index("outcomes", &["updated_at", "id"])).await?;
    // An outcome has at most one correction, so that it is counted once.
    let live = Expr::col("state").ne("withdrawn");
    let one = unique("outcomes", &["replaces_id"]).name("ix_outcomes_one_correction").and_where(live).to_owned();
    manager.create_index(one).await?;
    area_indexes(manager, "outcomes", &["updated_at"]).await?;
    state_indexes(manager, "outcomes", "updated_at").await
}

async fn reports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut reports = table("reports")
        .col(id("campaign_id"))
        .col(area("town_code"))
        // A copy, so that renaming the town does not change what was sent.
        .col(text("town_name", 60))
        .col(text("month", 7))
        .col(code("state"))
        .col(text("unit", 100))
        .col(null(date("filled_on")))
        // The rows are JSON, because they contain texts of their own and are read and written with their report.
        .col(json("rows"))
        .col(number("row_count"))
        .col(json("left_out"))
        .col(null(text("return_reason", 1000)))
        .col(null(instant("submitted_at")))
        .col(null(instant("resubmitted_at")))
        // Null until the form is sent. Until then the settings apply.
        .col(null(date("due_on")))
        .foreign_key(&mut reference("reports", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("reports", "town_code", "areas", "code"))
        .to_owned();
    manager.create_table(versioned(&mut reports).to_owned()).await?;
    // Each town has one form for a month, even if two people draft it at the same time.
    manager.create_index(unique("reports", &["campaign_id", "month", "town_code"])).await?;
    manager.create_index(index("reports", &["town_code", "id"])).await?;
    manager.create_index(index("reports", &["month", "id"])).await?;
    manager.create_index(index("reports", &["updated_at", "id"])).await
}
