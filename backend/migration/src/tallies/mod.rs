//! Tallies: how many there are of what the dashboard counts, by campaign and town, kept in step by triggers in the transaction of
//! each change, whoever makes it.
//!
//! What counts is declared in [`counted`]; the triggers are made of it. On SQLite, where one writes at a time, a count is one
//! row. On PostgreSQL a change adds rows with the difference, so that nobody waits for the count of another; their sum is the
//! count, and they are summed up from time to time.

mod counted;
mod triggers;

use std::collections::BTreeMap;

use contract::tallies::TallyFigure;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement};

pub use triggers::count;

/// Rows of a table, and how each leads to its campaign and area.
#[derive(Clone, Copy)]
struct Rows {
    table: &'static str,
    /// What is read beside the row.
    beside: &'static str,
    /// Which rows, and what joins them with what is read beside.
    when: &'static str,
    campaign: &'static str,
    area: &'static str,
    /// Whether these are rows of another table that this row decides on, which are counted at that table already.
    others: bool,
}

/// What a row counts for.
#[derive(Clone, Copy)]
struct Counted {
    rows: Rows,
    figure: TallyFigure,
    /// What the figure is told apart by: a text of at most 60 characters.
    key: &'static str,
    /// Which of the rows count, where not all do.
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
    /// Counts these rows alone.
    const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }

    /// Counts a row as so many.
    const fn number(self, number: &'static str) -> Self {
        Self { number, ..self }
    }

    /// Adds this up besides.
    const fn total(self, total: &'static str) -> Self {
        Self { total, ..self }
    }
}

/// Makes the triggers of this declaration where the database has others, and counts everything anew.
///
/// The database itself says which it has, so that it does not matter how it came by them: from another version, from a backup, or
/// not at all, because a step has made a table anew. Where they are the same, what they have counted stays.
///
/// # Errors
/// What the database says.
pub async fn renew(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let (there, wanted) = (there(tx).await?, triggers::all(backend));
    if there.iter().eq(wanted.iter().map(|(name, trigger)| (name, &trigger.text))) {
        return Ok(());
    }
    if backend == DatabaseBackend::Postgres {
        // Whoever changes something waits until it is counted, and nobody sums up what goes. Whoever reads goes
        // on, except of a table that is no longer counted.
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

/// The triggers that the database has, by name.
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
