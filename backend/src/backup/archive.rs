//! The file of a backup: a ZIP archive. Its last entries are a manifest of the other entries, and the signature of the manifest
//! under the key that signs access tokens.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use platform::crypto::hex;
use platform::leftovers;
use platform::token::Tokens;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::startup::BoxError;

const MANIFEST: &str = "manifest.json";
/// The entry with the signature of the manifest, which covers all other entries.
const SIGNATURE: &str = "manifest.jws";
/// The audience of the signature. Tokens and blocks have others, so that none of them passes for the signature of a backup.
const AUDIENCE: &str = "baishe-backup";
/// Increases when older versions cannot read what a newer one writes.
const FORMAT: u32 = 1;

/// The prefix of unfinished files beside a backup.
pub const PARTIAL: &str = ".baishe-backup-";
/// The suffix of an unfinished archive.
const UNFINISHED: &str = ".partial";

/// Whether the name of a file is that of an unfinished backup rather than one that somebody has chosen.
pub fn is_partial(name: &str) -> bool {
    let rest = name.strip_prefix(PARTIAL);
    rest.is_some_and(|rest| leftovers::is_random(rest.strip_suffix(UNFINISHED).unwrap_or(rest)))
}

/// The content of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    pub id: Uuid,
    /// The version of the service that wrote the archive.
    pub version: String,
    pub created_at: DateTime<Utc>,
    #[serde(flatten)]
    pub contents: Contents,
    pub entries: Vec<Entry>,
}

/// The database in an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Contents {
    pub database: String,
    /// The migrations that created the schema.
    pub migrations: Vec<String>,
    /// A fingerprint of the key behind the hashes that people are found by.
    pub index_key: String,
}

/// The signed statement.
#[derive(Serialize, Deserialize)]
struct Signed {
    aud: String,
    /// SHA-256 of the manifest, which contains the digests of all other entries.
    manifest: String,
}

/// One file of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    size: u64,
    sha256: String,
}

/// Writes an archive. It has a temporary name until it is complete.
pub struct Writer {
    zip: ZipWriter<NamedTempFile>,
    entries: Vec<Entry>,
}

impl Writer {
    pub fn new(folder: &Path) -> Result<Self, BoxError> {
        let file = tempfile::Builder::new().prefix(PARTIAL).suffix(UNFINISHED).tempfile_in(folder)?;
        Ok(Self { zip: ZipWriter::new(file), entries: Vec::new() })
    }

    /// Adds an entry with the output of `write`. Returns its digest.
    pub async fn add(
        &mut self,
        name: &str,
        write: impl AsyncFnOnce(&mut EntryWriter<'_>) -> Result<(), BoxError>,
    ) -> Result<String, BoxError> {
        self.zip.start_file(name, SimpleFileOptions::default().large_file(true))?;
        let mut writer = EntryWriter { zip: &mut self.zip, digest: Sha256::new(), size: 0 };
        write(&mut writer).await?;
        let (size, sha256) = (writer.size, hex(&writer.digest.finalize()));
        self.entries.push(Entry { name: name.to_owned(), size, sha256: sha256.clone() });
        Ok(sha256)
    }

    /// Adds an entry from a reader. Returns its digest.
    pub async fn copy(&mut self, name: &str, reader: &mut impl Read) -> Result<String, BoxError> {
        self.add(name, async |writer| Ok(std::io::copy(reader, writer).map(|_| ())?)).await
    }

    /// Adds the manifest and its signature, flushes everything to the disk, and gives the archive its name.
    pub fn finish(mut self, contents: Contents, tokens: &Tokens, file: &Path) -> Result<(), BoxError> {
        let (id, version) = (Uuid::now_v7(), env!("CARGO_PKG_VERSION").to_owned());
        let manifest = Manifest { format: FORMAT, id, version, created_at: Utc::now(), contents, entries: self.entries };
        let manifest = serde_json::to_vec_pretty(&manifest)?;
        self.zip.start_file(MANIFEST, SimpleFileOptions::default())?;
        self.zip.write_all(&manifest)?;
        let signed = Signed { aud: AUDIENCE.to_owned(), manifest: hex(&Sha256::digest(&manifest)) };
        self.zip.start_file(SIGNATURE, SimpleFileOptions::default())?;
        self.zip.write_all(tokens.sign(&signed).map_err(|error| error.to_string())?.as_bytes())?;
        let archive = self.zip.finish()?;
        archive.as_file().sync_all()?;
        archive.persist(file)?;
        File::open(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

/// Writes the content of one entry.
pub struct EntryWriter<'a> {
    zip: &'a mut ZipWriter<NamedTempFile>,
    digest: Sha256,
    size: u64,
}

impl Write for EntryWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.zip.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.zip.flush()
    }
}

/// Reads an archive.
pub struct Archive(ZipArchive<BufReader<File>>);

impl Archive {
    pub fn open(file: &Path) -> Result<Self, BoxError> {
        let name = file.display();
        let opened = File::open(file).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self(ZipArchive::new(BufReader::new(opened)).map_err(|error| format!("{name} is no backup: {error}"))?))
    }

    /// Reads every entry once, so that a damaged backup is detected before anything changes.
    pub fn verify(&mut self) -> Result<Manifest, BoxError> {
        let manifest: serde_json::Value = serde_json::from_slice(&self.bytes(MANIFEST)?)?;
        if manifest["format"].as_u64().is_none_or(|format| format > u64::from(FORMAT)) {
            return Err("the backup was made by a newer version of the service".into());
        }
        let manifest: Manifest =
            serde_json::from_value(manifest).map_err(|error| format!("the manifest of the backup is not whole: {error}"))?;
        for entry in &manifest.entries {
            let damaged = |error: std::io::Error| format!("{} is damaged: {error}", entry.name);
            let mut digest = Sha256::new();
            let size = std::io::copy(&mut self.entry(&entry.name)?, &mut digest).map_err(damaged)?;
            if size != entry.size || hex(&digest.finalize()) != entry.sha256 {
                return Err(format!("{} is damaged", entry.name).into());
            }
        }
        Ok(manifest)
    }

    /// Whether one of our keys has signed the manifest.
    pub fn is_signed(&mut self, tokens: &Tokens) -> Result<bool, BoxError> {
        let manifest = hex(&Sha256::digest(self.bytes(MANIFEST)?));
        let Ok(signature) = self.bytes(SIGNATURE) else { return Ok(false) };
        let signed = tokens.signed::<Signed>(AUDIENCE, &String::from_utf8_lossy(&signature));
        Ok(signed.is_some_and(|signed| signed.manifest == manifest))
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, BoxError> {
        let mut bytes = Vec::new();
        self.entry(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub fn entry<'a>(&'a mut self, name: &str) -> Result<impl Read + use<'a>, BoxError> {
        self.0.by_name(name).map_err(|error| format!("the backup lacks {name}: {error}").into())
    }
}
