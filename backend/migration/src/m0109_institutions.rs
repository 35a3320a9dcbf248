//! Institutions, and the accounts that act for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;
use crate::m0106_search::search;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut institutions = table("institutions")
            .col(text("name", 100))
            .col(name_key(manager))
            .col(name_words())
            .col(text("code", 18))
            .col(code("kind"))
            .col(area("area_code"))
            .col(null(text("address", 200)))
            .col(null(number("bed_count")))
            .col(null(number("staff_count")))
            .col(null(number("served_count")))
            .col(null(text("difficulties", 2000)))
            .col(null(text("contact_name", 60)))
            .col(null(text("contact_phone", 60)))
            .col(code("state"))
            .foreign_key(&mut reference("institutions", "area_code", "areas", "code"))
            .to_owned();
        manager.create_table(versioned(&mut institutions).to_owned()).await?;
        manager.create_index(unique("institutions", &["code"])).await?;
        manager.create_index(index("institutions", &["area_code"])).await?;
        manager.create_index(index("institutions", &["name_key", "id"])).await?;
        manager.create_index(index("institutions", &["updated_at", "id"])).await?;
        search(manager, "institutions", "id", &["name_words"]).await?;

        // SQLite adds a foreign key only together with its column.
        let kind = if manager.get_database_backend() == DatabaseBackend::Sqlite { "uuid_text" } else { "uuid" };
        let column = format!(
            "ALTER TABLE users ADD COLUMN institution_id {kind} NULL \
             REFERENCES institutions (id) ON DELETE RESTRICT ON UPDATE RESTRICT"
        );
        manager.get_connection().execute_unprepared(&column).await?;
        manager.create_index(index("users", &["institution_id"])).await
    }
}
