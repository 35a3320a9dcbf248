//! The database: SQLite with one writer and many readers, or PostgreSQL.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// How long a statement may take, and how long a caller waits for a connection or the writer.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// Two ways into one database. On PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    /// For transactions that change something: on SQLite a single connection, so that writers queue here and not in busy loops.
    writer: DatabaseConnection,
    /// For everything else.
    pub read: DatabaseConnection,
}

impl Database {
    /// Connects, creating a SQLite file that is not there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        if let Some(file) = file_of(url) {
            let writer = sea_orm::Database::connect(sqlite(file, 1, false)).await?;
            let read = sea_orm::Database::connect(sqlite(file, max_connections, true)).await?;
            Ok(Self { writer, read })
        } else {
            let pool = sea_orm::Database::connect(postgres(url, max_connections)).await?;
            Ok(Self { writer: pool.clone(), read: pool })
        }
    }

    /// Begins a transaction that will write. On SQLite it takes the write lock at once: one that turned from reading to writing
    /// would fail under load in spite of any busy timeout.
    ///
    /// # Errors
    /// What the database says, or that it is not there.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: (self.backend() == DatabaseBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await
    }

    /// The connection for migrations.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Calls `callback` after each statement of every connection: for those who count or time them.
    pub fn on_statement(&mut self, callback: impl Fn(&sea_orm::metric::Info<'_>) + Clone + Send + Sync + 'static) {
        self.writer.set_metric_callback(callback.clone());
        self.read.set_metric_callback(callback);
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }
}

/// A transaction that reads, and sees nothing of what is changed after it began.
///
/// # Errors
/// What the database says.
pub async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    match db.get_database_backend() {
        // Every transaction is one.
        DatabaseBackend::Sqlite => db.begin().await,
        _ => db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await,
    }
}

/// The file of a SQLite database.
pub fn file_of(url: &str) -> Option<&str> {
    let file = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    Some(file.split_once('?').map_or(file, |(file, _)| file))
}

fn common(url: String, max_connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .min_connections(1)
        .acquire_timeout(WAIT_LIMIT)
        .connect_timeout(WAIT_LIMIT)
        .sqlx_logging_level(tracing::log::LevelFilter::Trace)
        // After a break every connection of the pool is dead; under load asking each time would cost a round trip.
        .test_before_acquire_if_idle_for(Duration::from_secs(1));
    options
}

fn sqlite(file: &str, max_connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = common(format!("sqlite://{file}"), max_connections);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).map_sqlx_sqlite_opts(
        move |connect: SqliteConnectOptions| {
            connect
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // An answer of success is on disk, also after a power cut.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(WAIT_LIMIT)
                .pragma("query_only", if read_only { "ON" } else { "OFF" })
                .pragma("cache_size", "-16000")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "MEMORY")
                .optimize_on_close(true, None)
        },
    );
    options
}

fn postgres(url: &str, max_connections: u32) -> ConnectOptions {
    let mut options = common(url.to_owned(), max_connections);
    options.statement_timeout(STATEMENT_LIMIT).map_sqlx_postgres_opts(|connect| {
        connect.application_name("baishe").options([
            // A bound LIMIT would be planned anew each time.
            ("plan_cache_mode", "force_generic_plan"),
            // What runs for a few milliseconds is not worth compiling for a second, whatever it is estimated to cost.
            ("jit", "off"),
            ("lock_timeout", "5s"),
            ("timezone", "UTC"),
        ])
    });
    options
}
