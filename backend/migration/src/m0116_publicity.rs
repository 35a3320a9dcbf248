//! Cases and good practices, who has taken them up, and what has appeared in public.

use sea_orm_migration::prelude::*;

use crate::columns::*;
use crate::m0106_search::search;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        cases(manager).await?;
        uptakes(manager).await?;
        publicity(manager).await
    }
}

async fn cases(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut cases = table("cases")
        .col(id("campaign_id"))
        .col(code("kind"))
        .col(null(id("pairing_id")))
        .col(null(id("project_id")))
        .col(null(id("organisation_id")))
        .col(area("area_code"))
        .col(area_column(manager, "county_code", "area_code", 6))
        .col(text("title", 100))
        .col(name_key(manager))
        .col(name_words())
        .col(code("goal"))
        .col(null(code("industry")))
        .col(null(text("summary", 300)))
        .col(null(text("background", 2000)))
        .col(text("practice", 2000))
        .col(null(text("effect", 2000)))
        .col(null(text("why_it_works", 1000)))
        .col(null(text("what_it_needs", 1000)))
        .col(null(text("found_in", 300)))
        .col(code("state"))
        .col(code("nominated_by"))
        .col(null(text("reason", 1000)))
        .col(null(code("people_shown")))
        .col(null(text("shown_confirmed_by", 60)))
        .col(null(instant("shown_confirmed_at")))
        .col(null(date("published_on")))
        .foreign_key(&mut reference("cases", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("cases", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("cases", "project_id", "projects", "id"))
        .foreign_key(&mut reference("cases", "organisation_id", "organisations", "id"))
        .foreign_key(&mut reference("cases", "area_code", "areas", "code"))
        .to_owned();
    manager.create_table(versioned(&mut cases).to_owned()).await?;
    for columns in [
        &["campaign_id", "state"][..],
        &["pairing_id"],
        &["project_id"],
        &["organisation_id"],
        &["area_code"],
        &["county_code", "updated_at", "id"],
        &["county_code", "name_key", "id"],
        &["updated_at", "id"],
        &["name_key", "id"],
    ] {
        manager.create_index(index("cases", columns)).await?;
    }
    search(manager, "cases", "id", &["name_words"]).await
}

async fn uptakes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut uptakes = table("case_uptakes")
        .col(id("case_id"))
        .col(null(id("pairing_id")))
        .col(null(area("village_code")))
        .col(null(id("organisation_id")))
        .col(date("taken_on"))
        .col(text("words", 1000))
        .foreign_key(&mut reference("case_uptakes", "case_id", "cases", "id"))
        .foreign_key(&mut reference("case_uptakes", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("case_uptakes", "village_code", "areas", "code"))
        .foreign_key(&mut reference("case_uptakes", "organisation_id", "organisations", "id"))
        .to_owned();
    manager.create_table(versioned(&mut uptakes).to_owned()).await?;
    // Each pairing, and each village or organisation by itself, takes a case up once, even if two people say so at the same time.
    manager.create_index(unique("case_uptakes", &["case_id", "pairing_id"])).await?;
    for side in ["village_code", "organisation_id"] {
        let alone = Expr::col("pairing_id").is_null();
        manager.create_index(unique("case_uptakes", &["case_id", side]).and_where(alone).to_owned()).await?;
        manager.create_index(index("case_uptakes", &[side])).await?;
    }
    manager.create_index(index("case_uptakes", &["pairing_id"])).await?;
    manager.create_index(index("case_uptakes", &["taken_on", "id"])).await?;
    manager.create_index(index("case_uptakes", &["updated_at", "id"])).await
}

async fn publicity(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut items = table("publicity_items")
        .col(id("campaign_id"))
        .col(null(id("pairing_id")))
        .col(null(id("case_id")))
        .col(null(id("organisation_id")))
        .col(area("area_code"))
        .col(area_column(manager, "county_code", "area_code", 6))
        .col(code("channel"))
        .col(null(text("feature", 100)))
        .col(text("title", 200))
        .col(name_key(manager))
        .col(name_words())
        .col(text("outlet", 100))
        .col(date("appeared_on"))
        .col(null(text("link", 500)))
        .col(null(big_number("reach")))
        .col(null(text("reach_unit", 20)))
        .col(code("state"))
        .foreign_key(&mut reference("publicity_items", "campaign_id", "campaigns", "id"))
        .foreign_key(&mut reference("publicity_items", "pairing_id", "pairings", "id"))
        .foreign_key(&mut reference("publicity_items", "case_id", "cases", "id"))
        .foreign_key(&mut reference("publicity_items", "organisation_id", "organisations", "id"))
        .foreign_key(&mut reference("publicity_items", "area_code", "areas", "code"))
        .to_owned();
    manager.create_table(versioned(&mut items).to_owned()).await?;
    for columns in [
        &["campaign_id", "state", "appeared_on"][..],
        &["pairing_id"],
        &["case_id"],
        &["organisation_id"],
        &["area_code"],
        &["county_code", "appeared_on", "id"],
        &["county_code", "updated_at", "id"],
        &["county_code", "name_key", "id"],
        &["appeared_on", "id"],
        &["updated_at", "id"],
        &["name_key", "id"],
    ] {
        manager.create_index(index("publicity_items", columns)).await?;
    }
    // Both sides and the town may have seen the same: it counts once.
    let same = &["campaign_id", "channel", "appeared_on", "outlet", "title"];
    let once = unique("publicity_items", same).and_where(Expr::col("state").eq("recorded")).to_owned();
    manager.create_index(once).await?;
    search(manager, "publicity_items", "id", &["name_words"]).await
}
