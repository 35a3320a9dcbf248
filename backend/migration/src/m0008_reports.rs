//! Monthly reports.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut reports = table("reports")
            .col(id("campaign_id"))
            .col(area("town_code"))
            .col(text("month", 7))
            .col(code("state"))
            .col(text("unit", 100))
            .col(null(date("filled_on")))
            // Rows are text of their own and are read and written with their report as one.
            .col(json("rows"))
            .col(number("row_count"))
            .col(json("left_out"))
            .col(null(text("return_reason", 1000)))
            .col(null(instant("submitted_at")))
            .col(null(instant("resubmitted_at")))
            .foreign_key(&mut reference("reports", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("reports", "town_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut reports).to_owned()).await?;
        // One form for each town and month, also when two people draft it at once.
        manager.create_index(unique("reports", &["campaign_id", "month", "town_code"])).await?;
        manager.create_index(index("reports", &["town_code", "id"])).await?;
        manager.create_index(index("reports", &["month", "id"])).await?;
        manager.create_index(index("reports", &["updated_at", "id"])).await
    }
}
