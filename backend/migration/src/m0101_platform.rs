//! The tables that every domain needs: accounts, sessions, the audit trail, repeated requests, attachments and areas.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        requests_for_accounts(manager).await?;
        audit_trail(manager).await?;
        repeats_and_attachments(manager).await?;
        service(manager).await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let areas = bare_table("areas")
        .col(area("code").primary_key())
        .col(text("name", 60))
        .col(name_key(manager))
        .col(name_words())
        .col(code("level"))
        .col(null(area("parent_code")))
        .col(flag("takes_part"))
        // The last day of a village that has become another or a part of one, and which.
        .col(null(date("ended_on")))
        .col(null(area("successor_code")))
        // The names it had before, a line each.
        .col(null(ColumnDef::new("former_names").text().to_owned()))
        .foreign_key(&mut reference("areas", "successor_code", "areas", "code"))
        .to_owned();
    manager.create_table(areas).await?;
    manager.create_index(index("areas", &["parent_code"])).await?;
    manager.create_index(index("areas", &["level", "code"])).await?;
    manager.create_index(index("areas", &["name_key", "code"])).await?;
    manager.create_index(index("areas", &["successor_code"])).await?;

    let mut users = table("users")
        .col(text("account", 60))
        .col(text("display_name", 60))
        .col(name_key(manager))
        .col(name_words())
        .col(text("password_hash", 200))
        .col(code("role"))
        .col(area("area_code"))
        .col(null(id("organisation_id")))
        .col(flag("disabled"))
        .col(flag("demo"))
        .foreign_key(&mut reference("users", "area_code", "areas", "code"))
        .to_owned();
    versioned(&mut users)
        .col(null(instant("one_time_until")))
        // The secret in use and the one to be confirmed, both sealed, and the last 30-second time step whose code was used.
        .col(null(bytes("second_factor")))
        .col(null(bytes("second_factor_new")))
        .col(null(big_number("second_factor_step")))
        // Up to this instant the owner has seen what others did with the account.
        .col(null(instant("history_seen_at")));
    manager.create_table(users).await?;
    manager.create_index(unique("users", &["account"])).await?;
    manager.create_index(index("users", &["organisation_id"])).await?;
    manager.create_index(index("users", &["area_code"])).await?;
    manager.create_index(index("users", &["name_key", "id"])).await?;
    manager.create_index(index("users", &["updated_at", "id"])).await?;

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
        // Identifies the session of a refresh token that has long been replaced.
        .col(null(text("family_hash", 100)))
        .foreign_key(&mut reference("sessions", "user_id", "users", "id"))
        .to_owned();
    manager.create_table(sessions).await?;
    manager.create_index(index("sessions", &["user_id", "ended_at"])).await?;
    manager.create_index(index("sessions", &["user_id", "last_used_at", "id"])).await?;

    let failures = bare_table("login_failures")
        .col(text("subject", 100).primary_key())
        .col(number("failures"))
        .col(instant("last_at"))
        .col(null(instant("locked_until")))
        .col(null(text("account", 60)))
        .to_owned();
    manager.create_table(failures).await?;
    manager.create_index(index("login_failures", &["account"])).await
}

async fn requests_for_accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Requests for accounts with power. One administrator makes the request, somebody else confirms it.
    const TABLE: &str = "account_requests";
    let mut requests = table(TABLE)
        .col(code("kind"))
        .col(code("state"))
        // Null until the account exists.
        .col(null(id("user_id")))
        // The version of the account at the time of the request. Another version cannot be confirmed.
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
    // At most one open request for each account, by id and by name. If two are made at the same time, the second one is refused.
    let open = || Expr::col("state").eq("asked");
    let by_id = unique(TABLE, &["user_id"]).name("ix_account_requests_open_user").and_where(open()).to_owned();
    manager.create_index(by_id).await?;
    let by_name = unique(TABLE, &["account"]).name("ix_account_requests_open_account").and_where(open()).to_owned();
    manager.create_index(by_name).await
}

async fn audit_trail(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
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
        .col(null(area("actor_area_code")))
        .col(code("outcome").default("done"))
        // Null until a block seals the event.
        .col(null(number("block")))
        .col(null(bytes("proof")))
        .to_owned();
    manager.create_table(audit).await?;
    manager.create_index(index("audit_events", &["at", "id"])).await?;
    // Histories filter by the object and its kind, auditors by the object alone.
    manager.create_index(index("audit_events", &["object_id", "object_type", "at", "id"])).await?;
    manager.create_index(index("audit_events", &["actor_id", "at", "id"])).await?;
    manager.create_index(index("audit_events", &["actor_area_code"])).await?;
    manager.create_index(index("audit_events", &["request_id"])).await?;
    manager.create_index(index("audit_events", &["block", "id"])).await?;
    // Each reveal counts how often the caller has read files in full.
    manager.create_index(index("audit_events", &["actor_id", "action", "at"])).await?;

    let blocks = bare_table("audit_blocks")
        .col(number("number").primary_key())
        .col(instant("sealed_at"))
        .col(number("events"))
        .col(ColumnDef::new("entries").binary().not_null())
        .col(ColumnDef::new("statement").text().not_null())
        .to_owned();
    manager.create_table(blocks).await
}

async fn repeats_and_attachments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let repeats = table("idempotency_keys")
        .col(id("caller_id"))
        .col(text("key", 100))
        .col(bytes("fingerprint"))
        .col(number("status"))
        .col(null(text("location", 300)))
        .col(null(text("etag", 60)))
        .col(null(bytes("answer")))
        .col(instant("created_at"))
        .to_owned();
    manager.create_table(repeats).await?;
    manager.create_index(unique("idempotency_keys", &["caller_id", "key"])).await?;
    manager.create_index(index("idempotency_keys", &["created_at"])).await?;

    let attachments = table("attachments")
        .col(code("object_type"))
        .col(text("object_id", 36))
        .col(text("file_name", 200))
        .col(text("media_type", 100))
        .col(big_number("size"))
        .col(text("sha256", 64))
        .col(id("created_by"))
        .col(instant("created_at"))
        // The key that the contents are sealed under. Null if they are not sealed.
        .col(null(text("key_id", 8)))
        // The id that the sender gave the file, so that a repeated upload does not attach it twice.
        .col(null(id("entry_id")))
        .foreign_key(&mut reference("attachments", "created_by", "users", "id"))
        .to_owned();
    manager.create_table(attachments).await?;
    manager.create_index(index("attachments", &["object_type", "object_id", "created_at", "id"])).await?;
    manager.create_index(index("attachments", &["created_by"])).await?;
    manager.create_index(unique("attachments", &["entry_id"])).await
}

async fn service(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The offset of the clock in a deployment with demo data.
    let demo = bare_table("demo").col(number("id").primary_key()).col(big_number("clock_ahead_seconds")).to_owned();
    manager.create_table(demo).await?;

    // The row that `/readyz` writes and reads back. A database that can only be read is not ready.
    let readiness = bare_table("readiness").col(number("id").primary_key()).col(big_number("written")).to_owned();
    manager.create_table(readiness).await
}
