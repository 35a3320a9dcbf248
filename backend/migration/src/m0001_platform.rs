//! Accounts, sessions, history, repeats, attachments and areas: what every domain stands on.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let areas = bare_table("areas")
            .col(area("code").primary_key())
            .col(text("name", 60))
            .col(code("level"))
            .col(null(area("parent_code")))
            .col(flag("takes_part"))
            .to_owned();
        manager.create_table(areas).await?;
        manager.create_index(index("areas", &["parent_code"])).await?;
        manager.create_index(index("areas", &["level", "code"])).await?;

        let mut users = table("users")
            .col(text("account", 60))
            .col(text("display_name", 60))
            .col(text("password_hash", 200))
            .col(code("role"))
            .col(area("area_code"))
            .col(null(id("organisation_id")))
            .col(flag("disabled"))
            .col(flag("demo"))
            .foreign_key(&mut reference("users", "area_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut users).to_owned()).await?;
        manager.create_index(unique("users", &["account"])).await?;
        manager.create_index(index("users", &["organisation_id"])).await?;
        manager.create_index(index("users", &["area_code"])).await?;

        let sessions = table("sessions")
            .col(id("user_id"))
            .col(text("refresh_hash", 64))
            .col(null(text("previous_hash", 64)))
            .col(instant("rotated_at"))
            .col(instant("created_at"))
            .col(instant("last_used_at"))
            .col(instant("expires_at"))
            .col(null(instant("ended_at")))
            .col(null(text("user_agent", 300)))
            .col(null(text("address", 60)))
            .foreign_key(&mut reference("sessions", "user_id", "users", "id"))
            .to_owned();
        manager.create_table(sessions).await?;
        manager.create_index(index("sessions", &["user_id", "ended_at"])).await?;

        let failures = bare_table("login_failures")
            .col(text("subject", 100).primary_key())
            .col(number("failures"))
            .col(instant("last_at"))
            .to_owned();
        manager.create_table(failures).await?;

        let audit = table("audit_events")
            .col(instant("at"))
            .col(null(id("actor_id")))
            .col(null(text("actor_name", 60)))
            .col(null(code("actor_role")))
            .col(null(text("on_behalf_reason", 1000)))
            .col(null(text("note", 1000)))
            .col(text("action", 60))
            .col(text("object_type", 60))
            .col(text("object_id", 60))
            .col(json("changes"))
            .col(null(text("address", 60)))
            .col(null(text("request_id", 100)))
            .to_owned();
        manager.create_table(audit).await?;
        manager.create_index(index("audit_events", &["object_type", "object_id", "at", "id"])).await?;
        manager.create_index(index("audit_events", &["at", "id"])).await?;

        let repeats = bare_table("idempotency_keys")
            .col(id("caller_id"))
            .col(text("key", 100))
            .col(text("fingerprint", 64))
            .col(number("status"))
            .col(null(text("location", 300)))
            .col(null(text("etag", 60)))
            .col(ColumnDef::new("body").text().not_null())
            .col(instant("created_at"))
            .primary_key(Index::create().col("caller_id").col("key"))
            .to_owned();
        manager.create_table(repeats).await?;
        manager.create_index(index("idempotency_keys", &["created_at"])).await
    }
}
