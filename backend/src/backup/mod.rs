//! Backup and restore: the database as of one instant, and its attachments, in one file.
//!
//! The service may run during a backup. `VACUUM INTO` copies a SQLite database. Of a PostgreSQL database, all tables are read in
//! one snapshot as lines of JSON. Neither needs an external program, which may be missing. A backup does not contain the keys:
//! with them, anyone who has a copy could create tokens and read families' data. But it is signed with them, so nobody who can
//! write to the file can change it unnoticed.

mod archive;
mod tables;
mod terms;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use migration::{Migrator, MigratorTrait};
use object_store::{ObjectStoreExt, PutPayload};
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement};

use archive::{Archive, Contents, PARTIAL, Writer, is_partial};
pub use terms::Terms;
use terms::{History, Keys};

use crate::startup::{self, BoxError};
use domains::attachments;
use domains::audit;
use domains::audit::verify::Head;
use domains::auth;
use platform::config::Config;
use platform::database::{Database, snapshot};
use platform::leftovers;

const SQLITE_COPY: &str = "baishe.db";
const ATTACHMENTS: &str = "attachments/";
/// How many times a backup is attempted while attachments keep being removed.
const ATTEMPTS: usize = 5;
/// How old an unfinished backup is before the next backup removes it. A younger one may still be running.
const KEPT_PARTIAL: Duration = Duration::from_secs(24 * 3_600);

/// The size of a backup, for the operator.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    pub migrations: usize,
    pub attachments: usize,
}

/// Writes a backup into `file`, which appears only when it is complete.
///
/// # Errors
/// A message for the operator if something is missing, damaged or in the way.
pub async fn create(config: &Config, file: &Path, overwrite: bool) -> Result<Summary, BoxError> {
    if file.exists() && !overwrite {
        return Err(format!("{} is there already; --overwrite replaces it", file.display()).into());
    }
    if let Some(path) = sqlite_file(config).filter(|path| !path.exists()) {
        return Err(format!("there is no database at {}", path.display()).into());
    }
    let keys = Keys::all(config)?;
    let database = Database::connect(&config.database_url(), 2).await?;
    for _ in 0..ATTEMPTS {
        if let Some(summary) = attempt(config, &keys, &database, file).await? {
            return Ok(summary);
        }
    }
    Err("attachments are being removed all the time; try again later".into())
}

/// Returns `None` if an attachment of the snapshot has been removed or resealed meanwhile.
async fn attempt(config: &Config, keys: &Keys, database: &Database, file: &Path) -> Result<Option<Summary>, BoxError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A backup that was killed leaves a copy of the database behind.
    leftovers::remove(folder, is_partial, SystemTime::now() - KEPT_PARTIAL)?;
    let mut writer = Writer::new(folder)?;
    let (migrations, kept) = if database.backend() == DatabaseBackend::Sqlite {
        let copies = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(folder)?;
        let copy = copies.path().join(SQLITE_COPY);
        let path = copy.to_str().ok_or("the path of the backup is not UTF-8")?;
        let vacuum = Statement::from_sql_and_values(DatabaseBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
        database.writer().execute_raw(vacuum).await?;
        let snapshot = Database::connect(&format!("sqlite://{path}"), 1).await?;
        let found = (applied(&snapshot.read).await?, attachments::service::digests(&snapshot.read).await?);
        snapshot.close_into_file().await?;
        writer.copy(SQLITE_COPY, &mut File::open(&copy)?).await?;
        found
    } else {
        let snapshot = snapshot(&database.read).await?;
        snapshot.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        let migrations = applied(&snapshot).await?;
        tables::dump(&snapshot, &mut writer).await?;
        let found = (migrations, attachments::service::digests(&snapshot).await?);
        snapshot.commit().await?;
        found
    };
    if migrations.is_empty() {
        return Err("there is nothing in the database".into());
    }
    let storage = startup::storage(config)?;
    for (file, digest) in &kept {
        let content = match storage.get(file).await {
            Ok(content) => content.bytes().await?,
            Err(object_store::Error::NotFound { .. })
                if attachments::service::known(&database.read, std::slice::from_ref(file)).await?.is_empty() =>
            {
                return Ok(None);
            }
            Err(error) => return Err(format!("attachment {file}: {error}").into()),
        };
        if writer.copy(&format!("{ATTACHMENTS}{file}"), &mut content.as_ref()).await? != *digest {
            return Err(format!("attachment {file} is not what was stored").into());
        }
    }
    let summary = Summary { migrations: migrations.len(), attachments: kept.len() };
    let database = kind(database.backend()).to_owned();
    writer.finish(Contents { database, migrations, index_key: keys.index() }, &keys.tokens, file)?;
    Ok(Some(summary))
}

/// Restores a backup and brings it up to this version. Returns its size, and what the operator should know.
///
/// Every session ends, because one that was ended after the backup must not come back to life.
///
/// # Errors
/// A message for the operator if something is missing, damaged, forged or in the way. The database is then unchanged, unless the
/// last step failed, which notes the newest block beside the keys.
pub async fn restore(config: &Config, file: &Path, terms: Terms) -> Result<(Summary, Vec<String>), BoxError> {
    let mut archive = Archive::open(file)?;
    let manifest = archive.verify()?;
    let keys = if terms.without_keys { Keys::any(config)? } else { Keys::all(config)? };
    let signed = archive.is_signed(&keys.tokens)?;
    if !signed && !terms.accept_unsigned {
        return Err(format!(
            "no key in {} has signed this backup: somebody may have rewritten it. One whose signing key is gone is restored with \
             --accept-unsigned",
            config.keys_dir().display()
        )
        .into());
    }
    let contents = &manifest.contents;
    let known: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    if !known.starts_with(&contents.migrations) {
        // Migrations are only added, so a newer version has all of the known ones.
        let age = if contents.migrations.starts_with(&known) { "a newer" } else { "an older" };
        return Err(format!(
            "the backup was made by {age} version ({}) of the service: only that one restores it",
            manifest.version
        )
        .into());
    }
    let backend = if sqlite_file(config).is_some() { DatabaseBackend::Sqlite } else { DatabaseBackend::Postgres };
    if contents.database != kind(backend) {
        return Err(format!("the backup is of {}, the database to restore is {}", contents.database, kind(backend)).into());
    }
    let mut told = keys.check_index(&contents.index_key, terms)?;
    let attachments: Vec<_> =
        manifest.entries.iter().filter_map(|entry| entry.name.strip_prefix(ATTACHMENTS)).map(str::to_owned).collect();
    let summary = Summary { migrations: contents.migrations.len(), attachments: attachments.len() };
    let history =
        History { backup: manifest.id, created_at: manifest.created_at, signed, noted: audit::noted::read(&config.keys_dir()) };
    let head = match sqlite_file(config) {
        Some(path) => {
            if path.exists() {
                give_way(config, &path, terms.overwrite).await?;
            }
            let fresh = path.with_extension("restoring");
            let done = sqlite_copy(&mut archive, &fresh, &keys, terms, &history, &mut told).await;
            if done.is_err() {
                let _ = fs::remove_file(&fresh);
            }
            let head = done?;
            store(config, &mut archive, &attachments).await?;
            fs::rename(&fresh, &path)?;
            File::open(folder_of(&path))?.sync_all()?;
            head
        }
        None => {
            let database = Database::connect(&config.database_url(), 1).await?;
            tables::wait_until_alone(&database.read).await?;
            let tx = database.begin().await?;
            tables::clear(&tx, terms.overwrite).await?;
            Migrator::up(&tx, Some(u32::try_from(contents.migrations.len())?)).await?;
            tables::load(&tx, &mut archive, &manifest).await?;
            let head = settle(&tx, &keys, terms, &history, &mut told).await?;
            store(config, &mut archive, &attachments).await?;
            tx.commit().await?;
            head
        }
    };
    audit::noted::replace(&config.keys_dir(), head.as_ref())?;
    Ok((summary, told))
}

/// Brings restored data up to this version, and ends all sessions. Returns the newest block of the audit trail.
async fn settle(
    tx: &DatabaseTransaction,
    keys: &Keys,
    terms: Terms,
    history: &History,
    told: &mut Vec<String>,
) -> Result<Option<Head>, BoxError> {
    migration::bring_up(tx).await?;
    auth::service::end_everybody(tx, chrono::Utc::now()).await.map_err(|error| error.to_string())?;
    told.extend(keys.check_sealed(tx, terms).await?);
    let (head, compared) = history.compare(tx).await?;
    told.push(compared);
    history.leave_trace(tx, &keys.proofs, head.as_ref()).await?;
    Ok(head)
}

/// Writes the restored database beside its destination. The caller renames it.
async fn sqlite_copy(
    archive: &mut Archive,
    fresh: &Path,
    keys: &Keys,
    terms: Terms,
    history: &History,
    told: &mut Vec<String>,
) -> Result<Option<Head>, BoxError> {
    let name = fresh.to_str().ok_or("the path of the database is not UTF-8")?.to_owned();
    fs::create_dir_all(folder_of(fresh))?;
    let mut target = File::create(fresh)?;
    std::io::copy(&mut archive.entry(SQLITE_COPY)?, &mut target)?;
    target.sync_all()?;
    let database = Database::connect(&format!("sqlite://{name}"), 1).await?;
    let tx = database.begin().await?;
    let head = settle(&tx, keys, terms, history, told).await;
    if head.is_ok() {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    database.close_into_file().await?;
    for leftover in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{name}{leftover}"));
    }
    head
}

/// Checks that a database file may be replaced: the operator agrees, and nobody uses it. A process that uses it prevents SQLite
/// from leaving WAL mode. A log that remained would be taken for the log of the new file.
async fn give_way(config: &Config, path: &Path, overwrite: bool) -> Result<(), BoxError> {
    if !overwrite {
        return Err(format!("there is a database at {} already; --overwrite replaces it", path.display()).into());
    }
    let old = sea_orm::Database::connect(config.database_url()).await?;
    let left = old.execute_unprepared("PRAGMA journal_mode = DELETE").await;
    old.close().await?;
    match left {
        Ok(_) if !PathBuf::from(format!("{}-wal", path.display())).exists() => Ok(()),
        // The file is not a database, so nobody can be using it.
        Err(error) if is_no_database(&error) => Ok(()),
        _ => Err(format!("{} is in use: stop the service first", path.display()).into()),
    }
}

fn is_no_database(error: &DbErr) -> bool {
    let DbErr::Exec(sea_orm::RuntimeErr::SqlxError(cause)) = error else { return false };
    matches!(&**cause, sqlx::Error::Database(cause) if cause.code().as_deref() == Some("26"))
}

async fn store(config: &Config, archive: &mut Archive, files: &[String]) -> Result<(), BoxError> {
    let storage = startup::storage(config)?;
    for file in files {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut archive.entry(&format!("{ATTACHMENTS}{file}"))?, &mut content)?;
        storage.put(&object_store::path::Path::parse(file)?, PutPayload::from(content)).await?;
    }
    Ok(())
}

/// The migrations that were applied to a database.
async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, BoxError> {
    let query = Statement::from_string(db.get_database_backend(), "SELECT version FROM seaql_migrations ORDER BY version");
    db.query_all_raw(query).await?.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

fn sqlite_file(config: &Config) -> Option<PathBuf> {
    platform::database::file_of(&config.database_url()).map(PathBuf::from)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn kind(backend: DatabaseBackend) -> &'static str {
    if backend == DatabaseBackend::Sqlite { "SQLite" } else { "PostgreSQL" }
}
