//! Removes remains of files that were being written when the program or the machine stopped.

use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

/// How old a file beside the keys must be, since another process may be about to rename it.
pub const OF_KEYS: std::time::Duration = std::time::Duration::from_secs(3_600);

/// Removes leftovers in a folder that were last changed before `before`. Returns how many; 0 if there is no folder.
///
/// # Errors
/// An error of the file system.
pub fn remove(folder: &Path, is_left: impl Fn(&str) -> bool, before: SystemTime) -> std::io::Result<usize> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(&is_left) {
            continue;
        }
        // It may have been renamed meanwhile.
        let Ok(data) = entry.metadata() else { continue };
        if data.modified().is_ok_and(|modified| modified < before) {
            let gone = if data.is_dir() { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
            removed += usize::from(gone.is_ok());
        }
    }
    Ok(removed)
}

/// The name that [`tempfile`] gives a file until it is complete.
pub fn is_unnamed(name: &str) -> bool {
    name.strip_prefix(".tmp").is_some_and(is_random)
}

/// The random part of a name of [`tempfile`].
pub fn is_random(part: &str) -> bool {
    part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is an upload in progress. The store writes it under its final name with `#` and a number, and does not list it.
pub fn is_upload(name: &str) -> bool {
    let number = name.split_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_and_old_goes_and_everything_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            std::fs::write(folder.path().join(name), b"half").unwrap();
            folder.path().join(name)
        };
        let (left, other, longer) = (file(".tmpa1B2c3"), file("0001.key"), file(".tmpa1B2c3.of-somebody"));
        let inside = folder.path().join(".tmpd4E5f6");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join("copy"), b"half").unwrap();
        let now = SystemTime::now();
        assert_eq!(remove(folder.path(), is_unnamed, now - OF_KEYS).unwrap(), 0, "somebody may be writing them");
        assert_eq!(remove(folder.path(), is_unnamed, now + OF_KEYS).unwrap(), 2);
        assert!(!left.exists() && !inside.exists() && other.exists() && longer.exists());
        assert_eq!(remove(&folder.path().join("none"), is_unnamed, now).unwrap(), 0);
    }
}
