//! Checks whether the database answers, and whether it stores what is written.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sqlx::Connection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Statement};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::database::Database;

/// How long a database may not answer before it counts as gone.
const SILENCE: Duration = Duration::from_secs(2);
/// How long an answer is reused, because frequent checks must not keep the database busy.
const FRESH: Duration = Duration::from_secs(1);
/// How long the writer may be busy, for example with an import, before the check is limited to reading.
const TURN: Duration = Duration::from_millis(1500);

/// The latest answer of each check.
#[derive(Clone, Debug)]
pub struct Health {
    /// The address of PostgreSQL, with its password.
    postgres: Option<SecretString>,
    answers: Probe,
    ready: Probe,
}

impl Health {
    /// Checks the database at a URL.
    pub fn of(url: &str) -> Self {
        let postgres = (!url.starts_with("sqlite:")).then(|| url.into());
        Self { postgres, answers: Probe::default(), ready: Probe::default() }
    }
}

/// A check for many callers at once: one of them runs it, and the others wait for its answer.
#[derive(Clone, Debug, Default)]
struct Probe(Arc<Mutex<Option<(Instant, bool)>>>);

impl Probe {
    async fn ask(&self, look: impl Future<Output = bool>) -> bool {
        let mut last = self.0.lock().await;
        if let Some((_, found)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return found;
        }
        let found = timeout(SILENCE, look).await.unwrap_or(false);
        *last = Some((Instant::now(), found));
        found
    }
}

impl Database {
    /// Whether the database responds at all, even with an error. Uses a separate connection, because those of the pool may all be
    /// waiting.
    pub async fn answers(&self) -> bool {
        let Some(url) = &self.health.postgres else { return true };
        let hello = async {
            match PgConnection::connect(url.expose_secret()).await {
                Ok(connection) => drop(connection.close().await),
                Err(error) => tracing::warn!(%error, "the database takes no further connection"),
            }
            true
        };
        self.health.answers.ask(hello).await
    }

    /// Whether a written value can be read over another connection.
    pub async fn is_ready(&self) -> bool {
        let look = async {
            self.keeps().await.unwrap_or_else(|error| {
                tracing::error!(%error, "the database is not ready");
                false
            })
        };
        self.health.ready.ask(look).await
    }

    async fn keeps(&self) -> Result<bool, DbErr> {
        let tx = match timeout(TURN, self.begin()).await {
            Ok(begun) => begun?,
            // SQLite has a single writer. Whoever has it is working.
            Err(_) if self.backend() == DatabaseBackend::Sqlite => return self.written().await.map(|_| true),
            Err(_) => return Ok(false),
        };
        // Always the same row, since a check for space must not use up any.
        let write = "INSERT INTO readiness (id, written) VALUES (1, 1) \
                     ON CONFLICT (id) DO UPDATE SET written = readiness.written + 1 RETURNING written";
        let row = tx.query_one_raw(Statement::from_string(self.backend(), write)).await?;
        let mine: i64 = row.map_or(Ok(i64::MAX), |row| row.try_get("", "written"))?;
        tx.commit().await?;
        // Other processes may have written since.
        Ok(self.written().await? >= mine)
    }

    async fn written(&self) -> Result<i64, DbErr> {
        let read = Statement::from_string(self.backend(), "SELECT written FROM readiness WHERE id = 1");
        self.read.query_one_raw(read).await?.map_or(Ok(0), |row| row.try_get("", "written"))
    }
}
