//! The audit trail: what came of each act, where its actor belonged, and the blocks that seal it.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outcome = code("outcome").default("done").to_owned();
        for column in [null(area("actor_area_code")), outcome, null(number("block"))] {
            manager.alter_table(Table::alter().table("audit_events").add_column(column).to_owned()).await?;
        }
        let areas = "UPDATE audit_events SET actor_area_code = (SELECT area_code FROM users WHERE users.id = actor_id)";
        manager.get_connection().execute_unprepared(areas).await?;
        // An object is asked for with its kind and, by auditors, without.
        let by_kind = Index::drop().name("ix_audit_events_object_type_object_id_at_id").table("audit_events").to_owned();
        manager.drop_index(by_kind).await?;
        manager.create_index(index("audit_events", &["object_id", "object_type", "at", "id"])).await?;
        manager.create_index(index("audit_events", &["actor_id", "at", "id"])).await?;
        manager.create_index(index("audit_events", &["actor_area_code"])).await?;
        manager.create_index(index("audit_events", &["request_id"])).await?;
        manager.create_index(index("audit_events", &["block", "id"])).await?;

        let blocks = bare_table("audit_blocks")
            .col(number("number").primary_key())
            .col(instant("sealed_at"))
            .col(number("events"))
            .col(ColumnDef::new("entries").binary().not_null())
            .col(ColumnDef::new("statement").text().not_null())
            .to_owned();
        manager.create_table(blocks).await
    }
}
