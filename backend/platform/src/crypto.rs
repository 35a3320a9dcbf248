//! Personal data at rest: sealed values, and the keyed hashes they are found by.
//!
//! A value is sealed with AES-256-GCM under the newest key and bound to its row, so it can neither be read without the key nor
//! moved to another row. A value that must be found as a whole (identity number, telephone, full name) has a keyed hash beside
//! it. The keys are files, and never in the database: whoever has only the database, a backup or a log has no family's data.
//!
//! A new key is a new file in the directory, which all processes share. Each process reads the directory every few seconds
//! ([`Vault::refresh`]), and whenever it meets a value under an unknown key. So a process may seal under a key that another has
//! not seen yet.

use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sea_orm::DeriveValueType;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Error, Result};

/// The first byte of every sealed value: the format of the rest.
const FORMAT: u8 = 1;
/// The length of a key's id, in bytes.
pub const KEY_ID: usize = 4;
const NONCE: usize = 12;
/// The file with the key of the hashes. It does not rotate: a hash can only be renewed from the sealed value, and while old and
/// new hashes existed side by side, the database could not refuse the same identity number twice.
const INDEX_KEY: &str = "index.key";

/// A sealed value in a column of bytes.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct Sealed(Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

struct Key {
    id: [u8; KEY_ID],
    name: String,
    since: SystemTime,
    cipher: Aes256Gcm,
}

/// What an operator may know about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The id in every value sealed under this key.
    pub id: String,
    pub name: String,
    /// When the file was made.
    pub since: SystemTime,
}

/// The keys of personal data. All of them open values; the last by name seals.
pub struct Vault {
    directory: PathBuf,
    /// Never empty.
    keys: RwLock<Vec<Arc<Key>>>,
    index: Hmac<Sha256>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({} keys)", self.known().len())
    }
}

impl Vault {
    /// Reads the keys of a directory, and makes the first ones if there are none.
    ///
    /// # Errors
    /// If the directory cannot be read or written, or a file is no key.
    pub fn load(directory: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let mut files = key_files(directory)?;
        if files.is_empty() {
            make(directory.join("0001.key"))?;
            files = key_files(directory)?;
        }
        let index = directory.join(INDEX_KEY);
        if !index.exists() {
            make(index.clone())?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            keys: RwLock::new(read_keys(&files)?),
            index: <Hmac<Sha256> as Mac>::new_from_slice(&read(&index)?)
                .map_err(|error| IoError::new(ErrorKind::InvalidData, error))?,
        })
    }

    /// Looks for keys that others have added or removed.
    ///
    /// # Errors
    /// An error of the file system. The keys then stay as they were.
    pub fn refresh(&self) -> std::io::Result<()> {
        let keys = read_keys(&key_files(&self.directory)?)?;
        let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        match (keys.last(), known.last()) {
            (None, _) => return Err(IoError::new(ErrorKind::NotFound, "there is no key of personal data any more")),
            (Some(now), Some(before)) if now.id != before.id => {
                tracing::info!(key = now.name, "personal data is sealed with a new key")
            }
            _ => {}
        }
        *known = keys;
        Ok(())
    }

    /// Adds a key. This process seals with it at once, others after their next [`Self::refresh`].
    ///
    /// # Errors
    /// An error of the file system.
    pub fn add_key(&self) -> std::io::Result<PathBuf> {
        let path = next_key(&self.directory)?;
        make(path.clone())?;
        self.refresh()?;
        Ok(path)
    }

    /// The keys, ordered by name. The last one seals.
    pub fn keys(&self) -> Vec<KeyFile> {
        let known = self.known().into_iter();
        known.map(|key| KeyFile { id: hex(&key.id), name: key.name.clone(), since: key.since }).collect()
    }

    /// The id of the key that seals.
    pub fn newest(&self) -> [u8; KEY_ID] {
        self.known().last().map(|key| key.id).unwrap_or_default()
    }

    /// [`Self::newest`] as text.
    pub fn newest_id(&self) -> String {
        hex(&self.newest())
    }

    fn known(&self) -> Vec<Arc<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn key(&self, id: &[u8]) -> Option<Arc<Key>> {
        self.known().into_iter().find(|key| key.id == id)
    }

    /// Seals a value of a row. `place` is the table, `id` the row.
    ///
    /// # Errors
    /// `internal` only.
    pub fn seal(&self, place: &str, id: Uuid, value: &impl Serialize) -> Result<Sealed> {
        let plain = serde_json::to_vec(value).map_err(Error::internal)?;
        self.seal_bytes(place, id, &plain).map(Sealed)
    }

    /// Seals the bytes of a file.
    ///
    /// # Errors
    /// `internal` only.
    pub fn seal_bytes(&self, place: &str, id: Uuid, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.known().pop().ok_or_else(|| Error::internal("no key of personal data"))?;
        let nonce: [u8; NONCE] = rand::random();
        let sealed = key
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &bound(place, id) })
            .map_err(|_| Error::internal("a value cannot be sealed"))?;
        Ok([&[FORMAT][..], &key.id, &nonce, &sealed].concat())
    }

    /// Opens a value that [`Self::seal`] sealed for the same row.
    ///
    /// # Errors
    /// `internal` if the value was changed or moved, or its key is gone. The error reveals nothing about the value.
    pub fn open<T: DeserializeOwned>(&self, place: &str, id: Uuid, sealed: &Sealed) -> Result<T> {
        let plain = self.open_bytes(place, id, &sealed.0)?;
        serde_json::from_slice(&plain).map_err(|_| Self::broken(place, id))
    }

    /// Opens a value for display among others. Returns `None` if it is damaged, and logs which one.
    pub fn show<T: DeserializeOwned>(&self, place: &'static str, id: Uuid, sealed: &Sealed) -> Option<T> {
        match self.open(place, id, sealed) {
            Ok(value) => Some(value),
            Err(_) => {
                tracing::error!(table = place, %id, "a sealed value cannot be opened");
                None
            }
        }
    }

    /// Opens bytes that [`Self::seal_bytes`] sealed for the same place.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_bytes(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = || Self::broken(place, id);
        let rest = sealed.strip_prefix(&[FORMAT]).ok_or_else(broken)?;
        let (key_id, rest) = rest.split_at_checked(KEY_ID).ok_or_else(broken)?;
        let (nonce, message) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let key = self.key(key_id).or_else(|| self.refresh().ok().and_then(|()| self.key(key_id))).ok_or_else(broken)?;
        key.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: message, aad: &bound(place, id) }).map_err(|_| broken())
    }

    fn broken(place: &str, id: Uuid) -> Error {
        Error::internal(format!("the sealed value of {place} {id} cannot be opened"))
    }

    /// The id of the key that sealed these bytes; `None` if they are not sealed.
    pub fn key_of(sealed: &[u8]) -> Option<String> {
        let id = sealed.strip_prefix(&[FORMAT])?.get(..KEY_ID)?;
        Some(hex(id))
    }

    /// Replaces a personal field by its keyed digest, so that the history shows a change but not the value.
    pub fn digest_field(&self, fields: &mut serde_json::Map<String, serde_json::Value>, field: &str) {
        if let Some(value) = fields.get_mut(field).filter(|value| !value.is_null()) {
            *value = self.digest(value);
        }
    }

    /// The keyed digest of a personal value for the history.
    pub fn digest(&self, value: &serde_json::Value) -> serde_json::Value {
        hex(&self.hash("audit", &value.to_string())[..6]).into()
    }

    /// The hash for finding a value. `kind` keeps a number from being found as a name. The value must be in its canonical form.
    pub fn hash(&self, kind: &str, value: &str) -> Vec<u8> {
        let mut mac = self.index.clone();
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// Bytes as hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bound(place: &str, id: Uuid) -> Vec<u8> {
    [place.as_bytes(), &[0], id.as_bytes()].concat()
}

/// The path of the next key of a directory.
pub(super) fn next_key(directory: &Path) -> std::io::Result<PathBuf> {
    let files = key_files(directory)?;
    let numbers = files.iter().filter_map(|file| file.file_stem()?.to_str()?.parse::<u32>().ok());
    Ok(directory.join(format!("{:04}.key", numbers.max().unwrap_or(0) + 1)))
}

/// The keys of a directory in the order of their names.
pub(super) fn key_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "key") && !path.ends_with(INDEX_KEY) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_keys(files: &[PathBuf]) -> std::io::Result<Vec<Arc<Key>>> {
    let keys = files.iter().map(|file| {
        let secret = read(file)?;
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&Sha256::digest(secret)[..KEY_ID]);
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let since = std::fs::metadata(file)?.modified()?;
        Ok(Arc::new(Key { id, name, since, cipher: Aes256Gcm::new(&secret.into()) }))
    });
    keys.collect()
}

/// Writes a new key, readable by its owner only. The file appears as a whole or not at all. If another process was faster, its
/// key stays.
pub(super) fn make(path: PathBuf) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    std::io::Write::write_all(&mut file, STANDARD.encode(rand::random::<[u8; 32]>()).as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(&path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => std::fs::File::open(directory)?.sync_all(),
    }
}

/// The secret of a key file.
pub(super) fn read(path: &Path) -> std::io::Result<[u8; 32]> {
    let invalid = || IoError::new(ErrorKind::InvalidData, format!("{}: not 32 bytes in base64", path.display()));
    let secret = STANDARD.decode(std::fs::read_to_string(path)?.trim()).map_err(|_| invalid())?;
    secret.try_into().map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vault() -> (tempfile::TempDir, Vault) {
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::load(directory.path()).unwrap();
        (directory, vault)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_is_sealed_comes_back_and_is_not_to_be_seen(text in "\\PC{8,60}") {
            let (_directory, vault) = vault();
            let id = Uuid::now_v7();
            let sealed = vault.seal("households", id, &text).unwrap();
            prop_assert!(!sealed.0.windows(8).any(|window| text.as_bytes().windows(8).any(|plain| plain == window)));
            prop_assert_eq!(vault.open::<String>("households", id, &sealed).unwrap(), text);
        }

        #[test]
        fn whatever_is_changed_is_noticed(position in 0usize..40, bit in 0u8..8) {
            let (_directory, vault) = vault();
            let id = Uuid::now_v7();
            let mut sealed = vault.seal("households", id, &"350582196503120012").unwrap();
            let position = position % sealed.0.len();
            sealed.0[position] ^= 1 << bit;
            prop_assert!(vault.open::<String>("households", id, &sealed).is_err());
        }
    }

    #[test]
    fn a_value_does_not_open_in_another_row() {
        let (_directory, vault) = vault();
        let id = Uuid::now_v7();
        let sealed = vault.seal("households", id, &"13805950001").unwrap();
        assert!(vault.open::<String>("households", Uuid::now_v7(), &sealed).is_err());
        assert!(vault.open::<String>("household_members", id, &sealed).is_err());
    }

    #[test]
    fn a_new_key_seals_the_old_one_still_opens_and_who_has_not_heard_of_it_learns() {
        let (directory, here) = vault();
        let there = Vault::load(directory.path()).unwrap();
        let id = Uuid::now_v7();
        let sealed = here.seal("households", id, &"张三").unwrap();
        let key = |sealed: &Sealed| Vault::key_of(&sealed.0);
        // Whoever has a sealed value reads the id of its key, and learns nothing of the key.
        let secret = read(&directory.path().join("0001.key")).unwrap();
        assert!(!secret.windows(KEY_ID).any(|part| hex(part) == key(&sealed).unwrap()), "a part of the key is shown");
        assert!(here.add_key().unwrap().ends_with("0002.key"));
        assert_eq!(here.open::<String>("households", id, &sealed).unwrap(), "张三");
        let anew = here.seal("households", id, &"张三").unwrap();
        assert_ne!(key(&sealed), key(&anew));
        assert_eq!(key(&anew), Some(here.newest_id()));

        assert_eq!(key(&there.seal("households", id, &"张三").unwrap()), key(&sealed), "it has not looked yet");
        assert_eq!(there.open::<String>("households", id, &anew).unwrap(), "张三", "and looks when it meets it");
        assert_eq!(key(&there.seal("households", id, &"张三").unwrap()), key(&anew));
        assert_eq!(here.hash("name", "张三"), there.hash("name", "张三"));

        std::fs::remove_file(directory.path().join("0001.key")).unwrap();
        there.refresh().unwrap();
        assert!(there.open::<String>("households", id, &sealed).is_err());
        std::fs::remove_file(directory.path().join("0002.key")).unwrap();
        assert!(there.refresh().is_err(), "nobody seals with nothing");
        assert_eq!(there.open::<String>("households", id, &anew).unwrap(), "张三");
    }

    #[test]
    fn another_installation_finds_and_opens_nothing() {
        let ((_one, here), (_two, there)) = (vault(), vault());
        let id = Uuid::now_v7();
        assert!(there.open::<String>("households", id, &here.seal("households", id, &"张三").unwrap()).is_err());
        assert_ne!(here.hash("name", "张三"), there.hash("name", "张三"));
        assert_ne!(here.hash("name", "张三"), here.hash("phone", "张三"));
    }
}
