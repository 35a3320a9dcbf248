//! The tables of PostgreSQL as lines of JSON, one line for each row.

use std::io::{BufRead, BufReader, Write};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, Statement};

use super::archive::{Archive, Manifest, Writer};
use crate::startup::BoxError;

const FOLDER: &str = "tables/";
/// How many rows are read or written at once.
const BATCH: usize = 500;

/// Writes all rows of all tables that the transaction sees.
pub async fn dump(snapshot: &DatabaseTransaction, writer: &mut Writer) -> Result<(), BoxError> {
    for table in names(snapshot).await? {
        let cursor = format!("DECLARE dump NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM \"{table}\" t");
        snapshot.execute_unprepared(&cursor).await?;
        writer
            .add(&format!("{FOLDER}{table}.jsonl"), async |entry| {
                loop {
                    let rows = texts(snapshot, &format!("FETCH {BATCH} FROM dump")).await?;
                    if rows.is_empty() {
                        return Ok(());
                    }
                    for row in rows {
                        writeln!(entry, "{row}")?;
                    }
                }
            })
            .await?;
        snapshot.execute_unprepared("CLOSE dump").await?;
    }
    Ok(())
}

/// Waits for two seconds until no service uses the database. A process that has just ended may still be listed for a moment.
pub async fn wait_until_alone(db: &impl ConnectionTrait) -> Result<(), BoxError> {
    let others = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'baishe' \
                  AND pid <> pg_backend_pid()";
    for _ in 0..20 {
        if texts(db, others).await?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the database is in use: stop the service first".into())
}

/// Drops the tables that a restore would overwrite, if the operator agrees.
pub async fn clear(tx: &DatabaseTransaction, overwrite: bool) -> Result<(), BoxError> {
    tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    let tables = names(tx).await?;
    if !tables.is_empty() && !overwrite {
        return Err("there are tables in the database already; --overwrite drops them".into());
    }
    for table in tables {
        tx.execute_unprepared(&format!("DROP TABLE \"{table}\" CASCADE")).await?;
    }
    Ok(())
}

/// Fills the tables in any order. Foreign keys are checked at the end. No migration creates triggers on PostgreSQL; they are
/// created once the tables are full.
pub async fn load(tx: &DatabaseTransaction, archive: &mut Archive, manifest: &Manifest) -> Result<(), BoxError> {
    references(tx, "DEFERRABLE INITIALLY DEFERRED").await?;
    let tables: Vec<_> = manifest
        .entries
        .iter()
        .filter_map(|entry| entry.name.strip_prefix(FOLDER)?.strip_suffix(".jsonl"))
        .map(str::to_owned)
        .collect();
    let known = names(tx).await?;
    if let Some(stranger) = tables.iter().find(|table| !known.contains(table)) {
        return Err(format!("the backup has a table {stranger} that its schema lacks").into());
    }
    // The migrations themselves may have inserted rows.
    tx.execute_unprepared(&format!("TRUNCATE \"{}\"", known.join("\", \""))).await?;
    for table in tables {
        let columns = texts(
            tx,
            &format!(
                "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_schema = current_schema() \
                 AND table_name = '{table}' AND is_generated = 'NEVER' ORDER BY ordinal_position"
            ),
        )
        .await?
        .join(", ");
        let insert = format!(
            "INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::\"{table}\", $1::text::json)"
        );
        let mut lines = BufReader::new(archive.entry(&format!("{FOLDER}{table}.jsonl"))?).lines();
        loop {
            let rows = lines.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>()?;
            if rows.is_empty() {
                break;
            }
            let rows = format!("[{}]", rows.join(","));
            tx.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Postgres, &insert, [rows.into()])).await?;
        }
    }
    tx.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await?;
    references(tx, "NOT DEFERRABLE").await
}

/// Sets when foreign keys are checked.
async fn references(tx: &DatabaseTransaction, when: &str) -> Result<(), BoxError> {
    let alter = format!(
        "DO $$ DECLARE r record; BEGIN \
         FOR r IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint \
                  WHERE contype = 'f' AND connamespace = current_schema()::regnamespace LOOP \
         EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I {when}', r.owner, r.conname); END LOOP; END $$"
    );
    tx.execute_unprepared(&alter).await?;
    Ok(())
}

async fn names(db: &impl ConnectionTrait) -> Result<Vec<String>, BoxError> {
    texts(db, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename").await
}

async fn texts(db: &impl ConnectionTrait, query: &str) -> Result<Vec<String>, BoxError> {
    let rows = db.query_all_raw(Statement::from_string(DatabaseBackend::Postgres, query)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
