//! Backup and restore: the database as of one instant and the attachments that belong to it, in one file.
//!
//! The service may run while a backup is taken. SQLite is copied by `VACUUM INTO`; of PostgreSQL all tables are read in one
//! snapshot, as lines of JSON, so that neither needs a program that may not be there. Signing keys are left out: a copy of
//! them would be good for making tokens, and without them one merely signs in again.

mod archive;
mod tables;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use migration::{Migrator, MigratorTrait};
use object_store::{ObjectStoreExt, PutPayload};
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Statement};

use archive::{Archive, Writer};

use crate::modules::{attachments, audit, auth};
use crate::platform::config::Config;
use crate::platform::database::{Database, snapshot};
use crate::startup::{self, BoxError};

const SQLITE_COPY: &str = "baishe.db";
const ATTACHMENTS: &str = "attachments/";
/// How often a backup begins anew because an attachment was removed while it was taken.
const ATTEMPTS: usize = 5;

/// What a backup or a restore has dealt with.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary {
    pub migrations: usize,
    pub attachments: usize,
}

/// Writes a backup into `file`, which appears when it is whole.
///
/// # Errors
/// What is missing, damaged or in the way, in words for the operator.
pub async fn create(config: &Config, file: &Path, overwrite: bool) -> Result<Summary, BoxError> {
    if file.exists() && !overwrite {
        return Err(format!("{} is there already; --overwrite replaces it", file.display()).into());
    }
    if let Some(path) = sqlite_file(config).filter(|path| !path.exists()) {
        return Err(format!("there is no database at {}", path.display()).into());
    }
    let database = Database::connect(&config.database_url(), 2).await?;
    for _ in 0..ATTEMPTS {
        if let Some(summary) = attempt(config, &database, file).await? {
            return Ok(summary);
        }
    }
    Err("attachments are being removed all the time; try again later".into())
}

/// None where an attachment of the snapshot has been removed or sealed anew meanwhile.
async fn attempt(config: &Config, database: &Database, file: &Path) -> Result<Option<Summary>, BoxError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut writer = Writer::new(folder)?;
    let (migrations, kept) = if database.backend() == DatabaseBackend::Sqlite {
        let copies = tempfile::tempdir_in(folder)?;
        let copy = copies.path().join(SQLITE_COPY);
        let path = copy.to_str().ok_or("the path of the backup is not UTF-8")?;
        let vacuum = Statement::from_sql_and_values(DatabaseBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
        database.writer().execute_raw(vacuum).await?;
        let snapshot = Database::connect(&format!("sqlite://{path}"), 1).await?;
        let found = (applied(&snapshot.read).await?, attachments::service::digests(&snapshot.read).await?);
        close(snapshot).await?;
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
    writer.finish(kind(database.backend()), migrations, file)?;
    Ok(Some(summary))
}

/// Puts back what a backup holds, and brings it up to this version. Everybody has to sign in again: a session that was ended
/// since must not come back to life.
///
/// # Errors
/// What is missing, damaged or in the way, in words for the operator; then nothing of the database has changed.
pub async fn restore(config: &Config, file: &Path, overwrite: bool) -> Result<Summary, BoxError> {
    let mut archive = Archive::open(file)?;
    let manifest = archive.verify()?;
    let known: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    if !known.starts_with(&manifest.migrations) {
        return Err(format!("the backup was made by a newer version ({}) of the service", manifest.version).into());
    }
    let backend = if sqlite_file(config).is_some() { DatabaseBackend::Sqlite } else { DatabaseBackend::Postgres };
    if manifest.database != kind(backend) {
        return Err(format!("the backup is of {}, the database to restore is {}", manifest.database, kind(backend)).into());
    }
    let attachments: Vec<_> =
        manifest.entries.iter().filter_map(|entry| entry.name.strip_prefix(ATTACHMENTS)).map(str::to_owned).collect();
    let summary = Summary { migrations: manifest.migrations.len(), attachments: attachments.len() };
    match sqlite_file(config) {
        Some(path) => {
            if path.exists() {
                give_way(config, &path, overwrite).await?;
            }
            let fresh = sqlite_copy(&mut archive, &path).await?;
            store(config, &mut archive, &attachments).await?;
            fs::rename(&fresh, &path)?;
            File::open(folder_of(&path))?.sync_all()?;
        }
        None => {
            let database = Database::connect(&config.database_url(), 1).await?;
            tables::wait_until_alone(&database.read).await?;
            let tx = database.begin().await?;
            tables::clear(&tx, overwrite).await?;
            Migrator::up(&tx, Some(u32::try_from(manifest.migrations.len())?)).await?;
            tables::load(&tx, &mut archive, &manifest).await?;
            Migrator::up(&tx, None).await?;
            auth::service::end_everybody(&tx, chrono::Utc::now()).await.map_err(|error| error.to_string())?;
            store(config, &mut archive, &attachments).await?;
            tx.commit().await?;
        }
    }
    audit::noted::forget(&config.keys_dir())?;
    Ok(summary)
}

/// The database file, ready beside the place where it belongs.
async fn sqlite_copy(archive: &mut Archive, path: &Path) -> Result<PathBuf, BoxError> {
    let fresh = path.with_extension("restoring");
    let name = fresh.to_str().ok_or("the path of the database is not UTF-8")?.to_owned();
    fs::create_dir_all(folder_of(path))?;
    let mut target = File::create(&fresh)?;
    std::io::copy(&mut archive.entry(SQLITE_COPY)?, &mut target)?;
    target.sync_all()?;
    let database = Database::connect(&format!("sqlite://{name}"), 1).await?;
    Migrator::up(database.writer(), None).await?;
    auth::service::end_everybody(database.writer(), chrono::Utc::now()).await.map_err(|error| error.to_string())?;
    close(database).await?;
    for leftover in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{name}{leftover}"));
    }
    Ok(fresh)
}

/// Makes sure that a file may be replaced: on purpose, and that nobody works with it. Whoever does keeps it from leaving the mode
/// in which its log is a file of its own; and a log that stayed would be taken for one of the new file.
async fn give_way(config: &Config, path: &Path, overwrite: bool) -> Result<(), BoxError> {
    if !overwrite {
        return Err(format!("there is a database at {} already; --overwrite replaces it", path.display()).into());
    }
    let old = sea_orm::Database::connect(config.database_url()).await?;
    let left = old.execute_unprepared("PRAGMA journal_mode = DELETE").await;
    old.close().await?;
    match left {
        Ok(_) if !PathBuf::from(format!("{}-wal", path.display())).exists() => Ok(()),
        // Not a database at all: nobody can be working with it.
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

/// The steps that have made the schema what it is.
async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, BoxError> {
    let query = Statement::from_string(db.get_database_backend(), "SELECT version FROM seaql_migrations ORDER BY version");
    db.query_all_raw(query).await?.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn close(database: Database) -> Result<(), DbErr> {
    database.read.clone().close().await?;
    database.writer().clone().close().await
}

fn sqlite_file(config: &Config) -> Option<PathBuf> {
    crate::platform::database::file_of(&config.database_url()).map(PathBuf::from)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn kind(backend: DatabaseBackend) -> &'static str {
    if backend == DatabaseBackend::Sqlite { "SQLite" } else { "PostgreSQL" }
}
