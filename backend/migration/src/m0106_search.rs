//! The search indexes. SQLite has a full-text index of texts with a space between all characters, so that any part of a text is a
//! phrase. PostgreSQL would compare phrases row by row, so it indexes the characters of a text and their pairs instead.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

const SEARCHED: &[(&str, &str, &[&str])] = &[
    ("areas", "code", &["name_words"]),
    ("organisations", "id", &["name_words"]),
    ("agreements", "id", &["number", "organisation_name", "village_name"]),
    ("projects", "id", &["title"]),
    ("catalogue_entries", "id", &["name_words"]),
    ("tasks", "id", &["title"]),
    ("progress_updates", "id", &["content", "progress"]),
    ("outcomes", "id", &["description"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            manager.get_connection().execute_unprepared(PARTS).await?;
        }
        for (table, key, texts) in SEARCHED {
            search(manager, table, key, texts).await?;
        }
        Ok(())
    }
}

/// Lets the rows of a table be found by their texts.
pub async fn search(manager: &SchemaManager<'_>, table: &str, key: &str, texts: &[&str]) -> Result<(), DbErr> {
    let statements = match manager.get_database_backend() {
        DatabaseBackend::Sqlite => sqlite(table, key, texts),
        _ => postgres(table, texts),
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

fn postgres(table: &str, texts: &[&str]) -> Vec<String> {
    let text = texts.iter().map(|text| format!("coalesce({text}, '')")).collect::<Vec<_>>().join(" || ' ' || ");
    vec![format!("CREATE INDEX ix_{table}_search ON {table} USING gin (search_parts({text}))")]
}

/// Splits a text into its characters and its pairs of adjacent characters. The control character U+0001, which no text contains,
/// separates them. Letters from A to Z become lowercase, whatever the locale.
const PARTS: &str = "CREATE OR REPLACE FUNCTION search_parts(t text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN string_to_array( \
     regexp_replace(lower(t COLLATE \"C\"), '(.)', '\\1' || chr(1), 'g') || \
     regexp_replace(lower(t COLLATE \"C\"), '(..)', '\\1' || chr(1), 'g') || chr(1) || \
     regexp_replace(lower(substr(t, 2) COLLATE \"C\"), '(..)', '\\1' || chr(1), 'g'), chr(1))";

/// The texts of a row with a space between all characters.
pub fn spaced(row: &str, texts: &[&str]) -> String {
    let text = texts.iter().map(|text| format!("coalesce({row}.{text}, '')")).collect::<Vec<_>>().join(" || ' ' || ");
    format!(
        "(WITH RECURSIVE c(i, t) AS (SELECT 1, {text} UNION ALL SELECT i + 1, t FROM c WHERE i < length(t)) \
         SELECT group_concat(substr(t, i, 1), ' ' ORDER BY i) FROM c)"
    )
}

/// A full-text index identifies rows by integers. The tables have no integer keys, and SQLite may change its implicit ones, so a
/// table of keys assigns them.
fn sqlite(table: &str, key: &str, texts: &[&str]) -> Vec<String> {
    let (columns, new) = (texts.join(", "), spaced("new", texts));
    let changed = texts.iter().map(|text| format!("old.{text} IS NOT new.{text}")).collect::<Vec<_>>().join(" OR ");
    let row = |version: &str| format!("(SELECT n FROM {table}_keys WHERE key = {version}.{key})");
    vec![
        format!("CREATE TABLE {table}_keys (n INTEGER PRIMARY KEY, key NOT NULL UNIQUE)"),
        format!(
            "CREATE VIRTUAL TABLE {table}_search USING fts5(text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')"
        ),
        format!(
            "CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN \
             INSERT INTO {table}_keys (key) VALUES (new.{key}); \
             INSERT INTO {table}_search (rowid, text) VALUES ({}, {new}); END",
            row("new")
        ),
        format!(
            "CREATE TRIGGER {table}_search_update AFTER UPDATE OF {columns} ON {table} WHEN {changed} BEGIN \
             UPDATE {table}_search SET text = {new} WHERE rowid = {}; END",
            row("new")
        ),
        format!(
            "CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN \
             DELETE FROM {table}_search WHERE rowid = {}; \
             DELETE FROM {table}_keys WHERE key = old.{key}; END",
            row("old")
        ),
    ]
}
