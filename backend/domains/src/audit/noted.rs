//! The newest block, noted beside the keys: who can write the database alone cannot cut the chain off at its end without its being found.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use platform::{App, Error, Result};
use tempfile::NamedTempFile;

use super::seal;
use super::verify::Head;

fn file(keys: &Path) -> PathBuf {
    keys.join("audit-head")
}

/// The block that was noted last.
pub fn read(keys: &Path) -> Option<Head> {
    std::fs::read_to_string(file(keys)).ok()?.trim().parse().ok()
}

/// Notes the newest block in the place of the one noted before, as long as that one is still there: else what was noted stays, and is found missing.
///
/// # Errors
/// What the database or the file system says.
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

/// Notes another block, or none: a backup was put back, and with it the trail as it was.
///
/// # Errors
/// What the file system says.
pub fn replace(keys: &Path, head: Option<&Head>) -> io::Result<()> {
    match head.map_or_else(|| std::fs::remove_file(file(keys)), |head| write(keys, head)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
