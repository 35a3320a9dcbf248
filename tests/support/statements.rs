//! The statements that the service sends to its database.

use std::sync::{Arc, Mutex};

use platform::database::Database;
use sea_orm::{ConnectionTrait, Statement};

use super::databases::Db;
use super::server::TestApp;

/// The statements sent, in order.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<Statement>>>);

impl Statements {
    /// Records the statements of these connections.
    pub fn listen(&self, database: &mut Database) {
        let kept = self.0.clone();
        database.on_statement(move |info| kept.lock().expect("nobody panicked here").push(info.statement.clone()));
    }

    /// The statements since the last call.
    pub fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.0.lock().expect("nobody panicked here"))
    }
}

impl TestApp {
    /// The database's plan for a statement on large tables, line by line.
    pub async fn query_plan(&self, statement: &Statement) -> Vec<String> {
        let (prefix, column) = match self.db {
            Db::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
            Db::Postgres => ("EXPLAIN", "QUERY PLAN"),
        };
        let mut explained = statement.clone();
        explained.sql = format!("{prefix} {}", statement.sql);
        let transaction = self.app.database.begin().await.expect("a transaction");
        // On small tables they would scan everything, whatever the indexes. PostgreSQL is told not to, SQLite forgets the sizes.
        let large = match self.db {
            Db::Sqlite => "DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4; ANALYZE sqlite_schema",
            // Nor may it sort where an index has the order.
            Db::Postgres => "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off",
        };
        transaction.execute_unprepared(large).await.expect("a setting");
        let rows = transaction.query_all_raw(explained).await;
        let rows = rows.unwrap_or_else(|error| panic!("{}: {error}", statement.sql));
        rows.iter().map(|row| row.try_get("", column).expect("a line")).collect()
    }
}

/// All foreign keys as `table.column`, and those whose column no index begins with.
pub async fn foreign_keys_without_index(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let (all, bare) = match app.db {
        Db::Sqlite => (
            "SELECT m.name || '.' || f.\"from\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            "SELECT m.name || '.' || f.\"from\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' \
             AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) l, pragma_index_info(l.name) i \
             WHERE i.seqno = 0 AND i.name = f.\"from\" AND l.partial = 0)",
        ),
        Db::Postgres => (
            "SELECT conrelid::regclass::text || '.' || attname FROM pg_constraint \
             JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'",
            "SELECT conrelid::regclass::text || '.' || attname FROM pg_constraint \
             JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f' \
             AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1] AND indpred IS NULL)",
        ),
    };
    (app.texts(all).await, app.texts(bare).await)
}

/// For each table whose rows belong to a village and to a parent row that does too: `x`, joined to its parent `p`.
pub async fn hanging_in_villages(app: &TestApp) -> Vec<String> {
    let joins = match app.db {
        Db::Sqlite => {
            "SELECT m.name || ' x JOIN ' || f.\"table\" || ' p ON p.id = x.' || f.\"from\" \
             FROM sqlite_master m, pragma_foreign_key_list(m.name) f, pragma_table_xinfo(m.name) c \
             WHERE m.type = 'table' AND c.name = f.\"from\" AND c.\"notnull\" \
             AND EXISTS (SELECT 1 FROM pragma_table_xinfo(m.name) v WHERE v.name = 'village_code') \
             AND EXISTS (SELECT 1 FROM pragma_table_xinfo(f.\"table\") v WHERE v.name = 'village_code')"
        }
        Db::Postgres => {
            "SELECT conrelid::regclass::text || ' x JOIN ' || confrelid::regclass::text || ' p ON p.id = x.' || c.attname \
             FROM pg_constraint JOIN pg_attribute c ON c.attrelid = conrelid AND c.attnum = conkey[1] \
             JOIN pg_attribute v ON v.attrelid = conrelid AND v.attname = 'village_code' \
             JOIN pg_attribute w ON w.attrelid = confrelid AND w.attname = 'village_code' \
             WHERE contype = 'f' AND c.attnotnull"
        }
    };
    app.texts(joins).await
}
