//! The database: SQLite with one writer and many readers, or PostgreSQL.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::metric::Info;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, Error as SqlxError};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    IsolationLevel, Iterable, PrimaryKeyToColumn, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::health::Health;

/// How long a statement may take, and how long a caller waits for a connection or the writer.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);
const WAIT_LIMIT: Duration = Duration::from_secs(5);

/// The primary key column of a table.
///
/// # Errors
/// For a table without a primary key, which no entity is.
pub fn key_column<E: EntityTrait>() -> Result<E::Column, DbErr> {
    let key = E::PrimaryKey::iter().next().ok_or(DbErr::PrimaryKeyNotSet { ctx: "key_column" })?;
    Ok(key.into_column())
}

/// Two connections to one database. On PostgreSQL both are the same pool.
#[derive(Clone, Debug)]
pub struct Database {
    /// For transactions that write. On SQLite it is a single connection, so that writers queue here instead of retrying on a
    /// locked database.
    writer: DatabaseConnection,
    /// For everything else.
    pub read: DatabaseConnection,
    /// Whether a statement of SQLite's writer has failed since the connection was handed out.
    suspect: Arc<AtomicBool>,
    pub health: Health,
}

impl Database {
    /// Connects. Creates the SQLite file if there is none.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, DbErr> {
        let suspect = Arc::new(AtomicBool::new(false));
        let health = Health::of(url);
        if let Some(file) = file_of(url) {
            let mut writer = sea_orm::Database::connect(writer(file, suspect.clone())).await?;
            writer.set_metric_callback(watch(suspect.clone()));
            let read = sea_orm::Database::connect(readers(file, max_connections)).await?;
            Ok(Self { writer, read, suspect, health })
        } else {
            let pool = sea_orm::Database::connect(postgres(url, max_connections)).await?;
            Ok(Self { writer: pool.clone(), read: pool, suspect, health })
        }
    }

    /// Begins a transaction that will write. On SQLite it takes the write lock at once: under load a transaction that turns from
    /// reading to writing would fail in spite of any busy timeout.
    ///
    /// # Errors
    /// If the database cannot be reached, or is busy for too long.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend() == DatabaseBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let writer = self.writer.clone();
        let begun = to_its_end(async move { writer.begin_with_options(options).await }).await;
        if begun.is_err() {
            self.suspect.store(true, Ordering::Release);
        }
        begun
    }

    /// Closes SQLite's connections so that the file alone contains everything and may be moved. Usually the last connection to
    /// close merges the log into the file, but it silently fails to do so if another connection closes at the same moment.
    ///
    /// # Errors
    /// If another process uses the file.
    pub async fn close_into_file(self) -> Result<(), DbErr> {
        self.read.close().await?;
        let checkpoint = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        let busy: Option<i32> = match self.writer.query_one_raw(checkpoint).await? {
            Some(row) => Some(row.try_get("", "busy")?),
            None => None,
        };
        if busy != Some(0) {
            return Err(DbErr::Custom("the log could not be moved into the database file".to_owned()));
        }
        self.writer.close().await
    }

    /// The connection for migrations.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Calls `callback` after each statement of every connection, to count or time statements.
    pub fn on_statement(&mut self, callback: impl Fn(&Info<'_>) + Clone + Send + Sync + 'static) {
        let (watch, told) = (watch(self.suspect.clone()), callback.clone());
        self.writer.set_metric_callback(move |info| {
            watch(info);
            told(info);
        });
        self.read.set_metric_callback(callback);
    }

    /// The kind of database.
    pub fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }
}

/// Begins a read transaction that sees nothing of later changes.
pub async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let db = db.clone();
    to_its_end(async move {
        match db.get_database_backend() {
            // Every SQLite transaction is a snapshot.
            DatabaseBackend::Sqlite => db.begin().await,
            _ => db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await,
        }
    })
    .await
}

/// Begins a transaction even if its caller has gone away; it is then rolled back at once. The driver counts a transaction only
/// when PostgreSQL has answered. One that was abandoned before that went on in a connection that the next caller took for a fresh
/// one.
async fn to_its_end(
    begin: impl Future<Output = Result<DatabaseTransaction, DbErr>> + Send + 'static,
) -> Result<DatabaseTransaction, DbErr> {
    tokio::spawn(begin).await.map_err(|error| DbErr::Custom(error.to_string()))?
}

/// Remembers that a statement of the writer has failed.
fn watch(suspect: Arc<AtomicBool>) -> impl Fn(&Info<'_>) + Send + Sync + 'static {
    move |info| {
        if info.failed {
            suspect.store(true, Ordering::Release);
        }
    }
}

/// Whether a returned SQLite connection may be used again. After a full disk or an I/O error SQLite rolls back by itself, and the
/// driver does not notice. It would take the next transaction for a nested one, whose commit makes nothing durable.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    if connection.is_in_transaction() {
        // The rollback of a dropped transaction is still queued.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// The same for the writer. A failed statement may leave more behind than its error says, and a new writer is cheap.
async fn is_sound(connection: &mut SqliteConnection, suspect: &AtomicBool) -> Result<bool, SqlxError> {
    if suspect.swap(false, Ordering::AcqRel) || !is_clean(connection).await? {
        return Ok(false);
    }
    // SQLite itself refuses to begin if a transaction is open that the driver does not know.
    connection.begin().await?.rollback().await?;
    Ok(true)
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
        // After an outage every connection of the pool is dead. Under load, testing each one every time would cost a round trip.
        .test_before_acquire_if_idle_for(Duration::from_secs(1));
    options
}

fn writer(file: &str, suspect: Arc<AtomicBool>) -> ConnectOptions {
    let mut options = sqlite(file, 1, false);
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let suspect = suspect.clone();
        pool.after_release(move |connection, _| {
            let suspect = suspect.clone();
            Box::pin(async move { is_sound(connection, &suspect).await })
        })
    });
    options
}

fn readers(file: &str, max_connections: u32) -> ConnectOptions {
    let mut options = sqlite(file, max_connections, true);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(is_clean(connection))));
    options
}

fn sqlite(file: &str, max_connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = common(format!("sqlite://{file}"), max_connections);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).map_sqlx_sqlite_opts(
        move |connect: SqliteConnectOptions| {
            connect
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A change that was acknowledged survives a power cut.
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
            // A statement with a bound LIMIT would be planned again each time.
            ("plan_cache_mode", "force_generic_plan"),
            // Compiling takes a second, which a statement of a few milliseconds is not worth, whatever its estimated cost.
            ("jit", "off"),
            ("lock_timeout", "5s"),
            ("timezone", "UTC"),
        ])
    });
    options
}
