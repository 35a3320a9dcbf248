//! Household files with their members, statuses, visits and merges.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        files(manager).await?;
        visits(manager).await?;
        merges(manager).await
    }
}

async fn files(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut households = table("households")
        .col(area("village_code"))
        // The number of the file within the village where it was opened.
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
    // The day on which everything that identifies the family was erased.
    versioned(&mut households).col(null(date("anonymised_on")));
    area_columns(manager, &mut households)
        // When the status and the consent, or its withdrawal, were entered. How long a family may be retained counts from then.
        .col(null(instant("status_at")))
        .col(null(instant("consent_at")))
        // One field takes two telephone numbers. This is the hash of the second.
        .col(null(bytes("second_phone_hash")))
        .col(null(code("leave_reason")))
        // The file of the household that its members left to found this one.
        .col(null(id("split_from_id")))
        .foreign_key(&mut reference("households", "split_from_id", "households", "id"))
        // The code that its number begins with: that of its village, or of one that this village has replaced.
        .col(area("numbered_in"))
        .foreign_key(&mut reference("households", "numbered_in", "areas", "code"));
    manager.create_table(households).await?;
    manager.create_index(unique("households", &["numbered_in", "sequence"])).await?;
    manager.create_index(index("households", &["village_code", "id"])).await?;
    manager.create_index(index("households", &["status", "village_code"])).await?;
    manager.create_index(index("households", &["split_from_id", "id"])).await?;
    manager.create_index(index("households", &["phone_hash"])).await?;
    manager.create_index(index("households", &["second_phone_hash"])).await?;
    area_indexes(manager, "households", &["village_code", "updated_at", "status_since"]).await?;
    // Front pages of villages and towns ask for the files that are not complete. There are few.
    manager.create_index(index("households", &["town_code", "complete", "village_code", "id"])).await?;

    let members = table("household_members")
        .col(id("household_id"))
        .col(number("position"))
        .col(bytes("personal"))
        .col(bytes("name_hash"))
        .col(null(bytes("identity_hash")))
        // Set for a removed member whose row stays because a measure or a record names them.
        .col(null(date("left_on")))
        .foreign_key(&mut reference("household_members", "household_id", "households", "id"))
        .to_owned();
    manager.create_table(members).await?;
    manager.create_index(index("household_members", &["household_id", "position"])).await?;
    manager.create_index(index("household_members", &["name_hash"])).await?;
    // A person is a member of at most one household.
    manager.create_index(unique("household_members", &["identity_hash"])).await?;

    let statuses = table("household_statuses")
        .col(id("household_id"))
        .col(code("status"))
        .col(date("since"))
        .col(null(text("note", 1000)))
        // The heading that the ledger counts the change under. Null if the household neither enters nor leaves the ledger with
        // it.
        .col(null(code("heading")))
        .col(null(code("leave_reason")))
        // The village in which the ledger counts the change. It is no reference, because nobody looks up changes by village.
        .col(area("village_code"))
        // The day as of which the ledger counts it: later than `since` if it was entered after that month was closed.
        .col(date("counted_on"))
        .foreign_key(&mut reference("household_statuses", "household_id", "households", "id"))
        .to_owned();
    manager.create_table(statuses).await?;
    manager.create_index(index("household_statuses", &["household_id", "id"])).await?;
    // The household comes first. With the heading first, SQLite reads every household that was ever registered.
    manager.create_index(index("household_statuses", &["household_id", "heading", "counted_on"])).await
}

async fn visits(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let visits = table("household_visits")
        .col(id("household_id"))
        .col(date("visited_on"))
        .col(bytes("personal"))
        .col(instant("created_at"))
        .col(null(id("corrects_id")))
        .foreign_key(&mut reference("household_visits", "household_id", "households", "id"))
        .to_owned();
    manager.create_table(visits).await?;
    manager.create_index(index("household_visits", &["household_id", "visited_on", "id"])).await?;
    manager.create_index(index("household_visits", &["visited_on"])).await?;
    // A visit has at most one correction.
    manager.create_index(unique("household_visits", &["corrects_id"])).await
}

async fn merges(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // What undoing the merge of two files of one household needs. Also the link between the files of a household that moved.
    let merges = table("household_merges")
        .col(id("kept_id"))
        .col(id("merged_id"))
        .col(instant("merged_at"))
        // The file that each member came from.
        .col(json("origins"))
        // The parts that were taken from the merged file.
        .col(json("taken"))
        // The remaining file as it was before the merge, sealed.
        .col(bytes("personal"))
        // The day on which the household moved. Null for a merge.
        .col(null(date("moved_on")))
        .foreign_key(&mut reference("household_merges", "kept_id", "households", "id"))
        .foreign_key(&mut reference("household_merges", "merged_id", "households", "id"))
        .to_owned();
    manager.create_table(merges).await?;
    manager.create_index(index("household_merges", &["kept_id", "id"])).await?;
    // A file continues in at most one other file.
    manager.create_index(unique("household_merges", &["merged_id"])).await
}
