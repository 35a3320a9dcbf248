//! Notes the newest block beside the keys, so that someone who can write only to the database cannot cut off the end of the chain
//! unnoticed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use platform::{App, Error, Result};
use tempfile::NamedTempFile;

use super::seal;
use super::verify::Head;

fn file(keys: &Path) -> PathBuf {
    keys.join("audit-head")
}

/// The noted block.
pub fn read(keys: &Path) -> Option<Head> {
    std::fs::read_to_string(file(keys)).ok()?.trim().parse().ok()
}

/// Replaces the noted block by the newest one, if the noted one still exists. Otherwise the note stays, and verification finds
/// the block missing.
///
/// # Errors
/// An error of the database or the file system.
pub async fn renew(app: &App) -> Result<()> {
    let (db, keys) = (&app.database.read, app.config.keys_dir());
    if let Some(noted) = read(&keys) {
        let kept = seal::block(db, noted.block).await?;
        if kept.is_none_or(|block| Head::of(&block) != noted) {
            tracing::error!(
                block = noted.block,
                file = %file(&keys).display(),
                "a block of the audit trail is not there any more; where the database is another one on purpose, remove the file"
            );
            return Ok(());
        }
    }
    let Some(newest) = seal::newest(db).await? else { return Ok(()) };
    write(&keys, &Head::of(&newest)).map_err(Error::internal)
}

fn write(keys: &Path, head: &Head) -> io::Result<()> {
    let mut fresh = NamedTempFile::new_in(keys)?;
    writeln!(fresh, "{head}")?;
    fresh.as_file().sync_all()?;
    fresh.persist(file(keys))?;
    Ok(())
}

/// Notes another block, or none, after a backup was restored together with its trail.
///
/// # Errors
/// An error of the file system.
pub fn replace(keys: &Path, head: Option<&Head>) -> io::Result<()> {
    match head.map_or_else(|| std::fs::remove_file(file(keys)), |head| write(keys, head)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
