//! Requests for accounts that hold power: one administrator asks, somebody else confirms.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        const TABLE: &str = "account_requests";
        let mut requests = table(TABLE)
            .col(code("kind"))
            .col(code("state"))
            // None for an account that is still to be made.
            .col(null(id("user_id")))
            // The version of the account that was asked about: confirming changes no other.
            .col(null(number("user_version")))
            .col(text("account", 60))
            .col(text("display_name", 60))
            .col(code("role"))
            .col(area("area_code"))
            .col(null(code("old_role")))
            .col(null(area("old_area_code")))
            .col(text("reason", 1000))
            .col(id("asked_by"))
            .col(text("asked_by_name", 60))
            .col(instant("expires_at"))
            .col(null(id("decided_by")))
            .col(null(text("decided_by_name", 60)))
            .col(null(instant("decided_at")))
            .foreign_key(&mut reference(TABLE, "user_id", "users", "id"))
            .foreign_key(&mut reference(TABLE, "area_code", "areas", "code"))
            .foreign_key(&mut reference(TABLE, "old_area_code", "areas", "code"))
            .foreign_key(&mut reference(TABLE, "asked_by", "users", "id"))
            .foreign_key(&mut reference(TABLE, "decided_by", "users", "id"))
            .to_owned();
        manager.create_table(versioned(&mut requests).to_owned()).await?;
        for columns in [
            &["created_at", "id"][..],
            &["user_id", "created_at"],
            &["area_code", "created_at", "id"],
            &["old_area_code"],
            &["asked_by"],
            &["decided_by"],
        ] {
            manager.create_index(index(TABLE, columns)).await?;
        }
        // One open request about an account, by its id and by its name: of two who ask at once the second is told.
        let open = || Expr::col("state").eq("asked");
        let by_id = unique(TABLE, &["user_id"]).name("ix_account_requests_open_user").and_where(open()).to_owned();
        manager.create_index(by_id).await?;
        let by_name = unique(TABLE, &["account"]).name("ix_account_requests_open_account").and_where(open()).to_owned();
        manager.create_index(by_name).await
    }
}
