//! The file of a backup: a ZIP archive whose last entry says what the others are.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::startup::BoxError;

const MANIFEST: &str = "manifest.json";
/// Rises when an older version could no longer read what a newer one writes.
const FORMAT: u32 = 1;

/// What is in an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// Of the service that wrote it.
    pub version: String,
    created_at: DateTime<Utc>,
    pub database: String,
    /// The steps that the schema consists of.
    pub migrations: Vec<String>,
    pub entries: Vec<Entry>,
}

/// One file of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    size: u64,
    sha256: String,
}

/// Writes an archive, under another name until it is whole.
pub struct Writer {
    zip: ZipWriter<NamedTempFile>,
    entries: Vec<Entry>,
}

impl Writer {
    pub fn new(folder: &Path) -> Result<Self, BoxError> {
        Ok(Self { zip: ZipWriter::new(tempfile::Builder::new().suffix(".partial").tempfile_in(folder)?), entries: Vec::new() })
    }

    /// Adds an entry, whose contents `write` writes, and gives their digest.
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

    /// Adds what a reader gives, and gives its digest.
    pub async fn copy(&mut self, name: &str, reader: &mut impl Read) -> Result<String, BoxError> {
        self.add(name, async |writer| Ok(std::io::copy(reader, writer).map(|_| ())?)).await
    }

    /// Adds the manifest, brings everything to the disk, and gives the archive its name.
    pub fn finish(mut self, database: &str, migrations: Vec<String>, file: &Path) -> Result<(), BoxError> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let database = database.to_owned();
        let manifest = Manifest { format: FORMAT, version, created_at: Utc::now(), database, migrations, entries: self.entries };
        self.zip.start_file(MANIFEST, SimpleFileOptions::default())?;
        self.zip.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
        let archive = self.zip.finish()?;
        archive.as_file().sync_all()?;
        archive.persist(file)?;
        File::open(file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

/// Takes the contents of one entry.
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

    /// Reads everything once, so that nothing is touched for the sake of a backup that is damaged.
    pub fn verify(&mut self) -> Result<Manifest, BoxError> {
        let manifest: serde_json::Value = serde_json::from_reader(self.entry(MANIFEST)?)?;
        if manifest["format"].as_u64().is_none_or(|format| format > u64::from(FORMAT)) {
            return Err("the backup was made by a newer version of the service".into());
        }
        let manifest: Manifest = serde_json::from_value(manifest)?;
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

    pub fn entry<'a>(&'a mut self, name: &str) -> Result<impl Read + use<'a>, BoxError> {
        self.0.by_name(name).map_err(|error| format!("the backup lacks {name}: {error}").into())
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
