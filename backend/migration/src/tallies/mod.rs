//! Tallies: the counts of the dashboard, by campaign and town. Triggers keep them up to date within the transaction of each
//! change, whoever makes it.
//!
//! [`counted`] declares what is counted, and the triggers are generated from it. On SQLite, which has one writer at a time, a
//! count is one row. On PostgreSQL a change inserts rows with the difference, so that no writer waits for another one's count.
//! The sum of the rows is the count, and a chore compacts them from time to time.

mod counted;
mod triggers;

use std::collections::BTreeMap;

use contract::tallies::TallyFigure;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement};

pub use triggers::count;

/// The rows of a table, and how to find the campaign and area of each.
#[derive(Clone, Copy)]
struct Rows {
    table: &'static str,
    /// The tables that are joined with the row.
    beside: &'static str,
    /// Selects the rows, and joins them with `beside`.
    when: &'static str,
    campaign: &'static str,
    area: &'static str,
    /// Whether a change of the row moves counts of another table's rows. A full count skips such lines, because the lines of the
    /// other table count the same rows.
    others: bool,
}

/// What a row adds to a figure.
#[derive(Clone, Copy)]
struct Counted {
    rows: Rows,
    figure: TallyFigure,
    /// The part of the figure: a text of at most 60 characters.
    key: &'static str,
    /// Narrows the rows further. Empty if all of them count.
    when: &'static str,
    number: &'static str,
    total: &'static str,
}

impl Rows {
    /// Counts each row as one.
    const fn count(self, figure: TallyFigure, key: &'static str) -> Counted {
        Counted { rows: self, figure, key, when: "", number: "1", total: "0" }
    }
}

impl Counted {
    /// Restricts the count to some of the rows.
    const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }

    /// Sets how many a row counts for.
    const fn number(self, number: &'static str) -> Self {
        Self { number, ..self }
    }

    /// Sets what the row adds to the total.
    const fn total(self, total: &'static str) -> Self {
        Self { total, ..self }
    }
}

/// Replaces the triggers and counts everything again, if the triggers in the database differ from the declared ones.
///
/// The comparison is with the triggers themselves, so it does not matter where they come from: another version, a backup, or none
/// at all because a step has created a table again. If they are the same, the counts stay.
pub async fn renew(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let (there, wanted) = (there(tx).await?, triggers::all(backend));
    if there.iter().eq(wanted.iter().map(|(name, trigger)| (name, &trigger.text))) {
        return Ok(());
    }
    if backend == DatabaseBackend::Postgres {
        // Writers wait until everything is counted, and so does the compaction of the tallies. Readers go on, except on a table
        // that is no longer counted: dropping a trigger locks its table.
        let tables = triggers::tables().into_iter().collect::<Vec<_>>().join(", ");
        tx.execute_unprepared(&format!("LOCK TABLE tallies, {tables} IN SHARE ROW EXCLUSIVE MODE")).await?;
    }
    for name in there.keys().filter(|name| !wanted.contains_key(*name)) {
        tx.execute_unprepared(&triggers::drop(backend, name)).await?;
    }
    for trigger in wanted.values() {
        tx.execute_unprepared(&trigger.make).await?;
    }
    for statement in [triggers::count_live(), "DELETE FROM tallies".to_owned(), triggers::count_all()] {
        tx.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// The triggers in the database: their names and texts.
async fn there(tx: &DatabaseTransaction) -> Result<BTreeMap<String, String>, DbErr> {
    let backend = tx.get_database_backend();
    let query = match backend {
        DatabaseBackend::Sqlite => "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_tally_*'",
        _ => {
            "SELECT t.tgname::text, p.prosrc FROM pg_trigger t \
             JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid \
             WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE '%\\_tally\\_%'"
        }
    };
    let rows = tx.query_all_raw(Statement::from_string(backend, query)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
