//! What lists need besides: the county of an entry of the catalogue, by which it is indexed in each order of its list, and the words
//! by which titles of projects and tasks, and people who are to get an account, are found in pinyin.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::columns::*;
use crate::m0106_search::{search, spaced};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let county = area_column(manager, "county_code", "area_code", 6);
        manager.alter_table(Table::alter().table("catalogue_entries").add_column(county).to_owned()).await?;
        for order in ["updated_at", "name_key", "quantity"] {
            manager.create_index(index("catalogue_entries", &["county_code", order, "id"])).await?;
        }
        found_by_words(manager, "account_requests", "display_name").await?;
        for table in ["projects", "tasks"] {
            found_by_words(manager, table, "title").await?;
            search_again(manager, table).await?;
        }
        Ok(())
    }
}

/// Adds the words of a name. Those of a name that is there already are the name itself, until it is written again.
async fn found_by_words(manager: &SchemaManager<'_>, table: &'static str, name: &str) -> Result<(), DbErr> {
    let words = name_words().default("").to_owned();
    manager.alter_table(Table::alter().table(table).add_column(words).to_owned()).await?;
    let known = format!("UPDATE {table} SET name_words = '|' || lower({name})");
    manager.get_connection().execute_unprepared(&known).await.map(drop)
}

/// Indexes the words of a table instead of its titles.
async fn search_again(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let is_sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
    let old = if is_sqlite {
        let triggers = ["insert", "update", "delete"].map(|when| format!("DROP TRIGGER {table}_search_{when}"));
        triggers.into_iter().chain(["search", "keys"].map(|part| format!("DROP TABLE {table}_{part}"))).collect()
    } else {
        vec![format!("DROP INDEX ix_{table}_search")]
    };
    for statement in old {
        db.execute_unprepared(&statement).await?;
    }
    search(manager, table, "id", &["name_words"]).await?;
    if is_sqlite {
        db.execute_unprepared(&format!("INSERT INTO {table}_keys (key) SELECT id FROM {table}")).await?;
        let text = spaced(table, &["name_words"]);
        let rows = format!("SELECT n, {text} FROM {table} JOIN {table}_keys ON key = {table}.id");
        db.execute_unprepared(&format!("INSERT INTO {table}_search (rowid, text) {rows}")).await?;
    }
    Ok(())
}
