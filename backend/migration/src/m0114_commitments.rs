//! Pairings and assistance records take of the catalogue as projects do, and whoever takes part says how many pairs it can take on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        commitments(manager).await?;
        let places = null(number("places"));
        manager.alter_table(Table::alter().table("enrolments").add_column(places).to_owned()).await?;
        // Titles of difficulties are found in pinyin too. Those that are there already are found by themselves, until they are written again.
        let words = name_words().default("").to_owned();
        manager.alter_table(Table::alter().table("difficulties").add_column(words).to_owned()).await?;
        let known = "UPDATE difficulties SET name_words = '|' || lower(title)";
        manager.get_connection().execute_unprepared(known).await.map(drop)
    }
}

/// What is taken of entries, by exactly one holder each. What that means follows from the state of the holder, so nothing is
/// counted twice.
async fn commitments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut commitments = table("commitments").col(id("entry_id")).to_owned();
    for (column, holders) in HOLDERS {
        commitments.col(null(id(column))).foreign_key(&mut reference("commitments", column, holders, "id"));
    }
    commitments.col(big_number("quantity")).check(Expr::cust(ONE_HOLDER)).foreign_key(&mut reference(
        "commitments",
        "entry_id",
        "catalogue_entries",
        "id",
    ));
    manager.create_table(commitments).await?;
    manager.create_index(index("commitments", &["entry_id"])).await?;
    for (column, _) in HOLDERS {
        manager.create_index(unique("commitments", &[column, "entry_id"])).await?;
    }
    let new_id = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => "randomblob(16)",
        _ => "gen_random_uuid()",
    };
    let known = format!(
        "INSERT INTO commitments (id, entry_id, project_id, quantity) \
         SELECT {new_id}, entry_id, project_id, quantity FROM catalogue_commitments"
    );
    manager.get_connection().execute_unprepared(&known).await?;
    manager.drop_table(Table::drop().table("catalogue_commitments").to_owned()).await
}

/// Who can take something.
const HOLDERS: [(&str, &str); 3] = [("project_id", "projects"), ("record_id", "assistance_records"), ("pairing_id", "pairings")];

const ONE_HOLDER: &str = "(project_id IS NULL OR record_id IS NULL AND pairing_id IS NULL) \
    AND (record_id IS NULL OR pairing_id IS NULL) AND COALESCE(project_id, record_id, pairing_id) IS NOT NULL";
