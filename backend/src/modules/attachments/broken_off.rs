//! Uploads that were broken off.

use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

/// Removes what is left of files that were being written when the program or the machine stopped, before `before`: the store
/// writes each beside its place, under its name with `#` and a number, and lists it to nobody. Returns how many there were;
/// none where the store is no folder.
///
/// # Errors
/// What the file system says.
pub fn remove(folder: &Path, before: SystemTime) -> std::io::Result<usize> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.split_once('#')).map(|(_, number)| number);
        if number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())) {
            // It may have got its place meanwhile.
            let removable = entry.metadata().and_then(|data| data.modified()).is_ok_and(|modified| modified < before);
            removed += usize::from(removable && std::fs::remove_file(entry.path()).is_ok());
        }
    }
    Ok(removed)
}
