//! What a restore checks before it trusts a backup: the keys, the signature, and the block of the audit trail that was noted.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domains::audit::seal;
use domains::audit::verify::Head;
use platform::Vault;
use platform::audit::{self, Event, Proofs};
use platform::clock::Clock;
use platform::config::Config;
use platform::token::Tokens;
use sea_orm::DatabaseTransaction;
use serde_json::json;
use uuid::Uuid;

use crate::keys;
use crate::startup::{self, BoxError};

/// The name of this kind of object in the audit trail.
const OBJECT: &str = "backups";

/// What the operator agrees to.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Terms {
    /// Replace a database that is there
    #[arg(long)]
    pub overwrite: bool,
    /// Restore what no key of this service has signed: a backup whose signing key is gone. Anybody may have rewritten it
    #[arg(long)]
    pub accept_unsigned: bool,
    /// Restore although keys are missing: what is sealed under them stays closed for ever
    #[arg(long)]
    pub without_keys: bool,
}

/// All keys of a service.
pub struct Keys {
    directory: PathBuf,
    pub tokens: Tokens,
    pub vault: Vault,
    pub proofs: Proofs,
}

impl Keys {
    /// Reads the keys, and fails if any kind is missing.
    pub fn all(config: &Config) -> Result<Self, BoxError> {
        let (directory, audit) = (config.keys_dir(), startup::proofs_dir(config));
        let personal = directory.join("personal");
        let missing: Vec<_> = [
            ("the keys that sign", !any_file(&directory, "pem")),
            ("the keys of families' data", !any_file(&personal, "key")),
            ("the key that people are found by", !personal.join("index.key").exists()),
            ("the keys of the audit trail", !any_file(&audit, "key")),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            let (missing, directory) = (missing.join(", "), directory.display());
            return Err(format!(
                "{missing}: not in {directory}. A backup has no keys, and without them no family's file can ever be opened: \
                 put the copy of the keys directory there first. --without-keys restores all the same"
            )
            .into());
        }
        Self::any(config)
    }

    /// Reads the keys, and creates the kinds that are missing.
    pub fn any(config: &Config) -> Result<Self, BoxError> {
        let directory = config.keys_dir();
        let (tokens, vault) = (Tokens::load(&directory)?, Vault::load(&directory.join("personal"))?);
        Ok(Self { tokens, vault, proofs: Proofs::load(&startup::proofs_dir(config))?, directory })
    }

    /// A fingerprint of the key behind the hashes that people are found by.
    pub fn index(&self) -> String {
        platform::crypto::hex(&self.vault.hash("index_key", "")[..8])
    }

    /// Checks that people in the backup can be found by the hashes of this key.
    pub fn check_index(&self, of_backup: &str, terms: Terms) -> Result<Vec<String>, BoxError> {
        if of_backup == self.index() {
            return Ok(Vec::new());
        }
        self.lacking(terms, "index.key is another than the backup was made with: nobody is found by it")
    }

    /// Checks that the keys of all sealed values are present.
    pub async fn check_sealed(&self, tx: &DatabaseTransaction, terms: Terms) -> Result<Vec<String>, BoxError> {
        let here = self.vault.keys();
        let counts = keys::count_in(tx).await.map_err(|error| error.to_string())?;
        let closed = counts.into_iter().filter_map(|(key, sealed)| Some((key?, sealed)));
        let closed: Vec<_> = closed.filter(|(key, _)| !here.iter().any(|known| known.id == *key)).collect();
        if closed.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, sealed): (Vec<_>, Vec<_>) = closed.into_iter().unzip();
        let sealed: u64 = sealed.iter().sum();
        self.lacking(terms, &format!("{sealed} values and files are sealed under keys that are missing ({})", ids.join(", ")))
    }

    fn lacking(&self, terms: Terms, what: &str) -> Result<Vec<String>, BoxError> {
        let told = format!("{}: {what}", self.directory.display());
        match terms.without_keys {
            true => Ok(vec![told]),
            false => Err(format!("{told}. Put the right keys there first; --without-keys restores all the same").into()),
        }
    }
}

fn any_file(directory: &Path, extension: &str) -> bool {
    std::fs::read_dir(directory).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let path = entry.path();
            path.extension().is_some_and(|kind| kind == extension) && !path.ends_with("index.key")
        })
    })
}

/// The backup that is being restored, and what was known about the audit trail before.
pub struct History {
    pub backup: Uuid,
    pub created_at: DateTime<Utc>,
    pub signed: bool,
    /// The block that was noted beside the keys.
    pub noted: Option<Head>,
}

impl History {
    /// The newest restored block, and how it compares with the noted block, in words for the operator.
    pub async fn compare(&self, tx: &DatabaseTransaction) -> Result<(Option<Head>, String), BoxError> {
        let newest = seal::newest(tx).await.map_err(|error| error.to_string())?;
        let head = newest.as_ref().map(Head::of);
        let Some(noted) = &self.noted else {
            return Ok((
                head,
                "no block of the audit trail was noted beside the keys: there was nothing to compare it with".to_owned(),
            ));
        };
        let kept = seal::block(tx, noted.block).await.map_err(|error| error.to_string())?;
        let last = newest.map_or(0, |block| block.number);
        let compared = match kept {
            Some(block) if Head::of(&block) == *noted => {
                format!("the audit trail holds block {}, which was noted beside the keys: nothing of it is lost", noted.block)
            }
            None if last < noted.block => format!(
                "the backup is older than the audit trail was: it ends at block {last}, and block {} was noted beside the keys. \
                 What was done since {} is gone, with its trail",
                noted.block,
                self.created_at.format("%Y-%m-%d %H:%M UTC")
            ),
            _ => format!(
                "block {} of the backup is not the one that was noted beside the keys: it comes from before another restore, \
                 or from another database",
                noted.block
            ),
        };
        Ok((head, compared))
    }

    /// Records the restore in the restored audit trail.
    pub async fn leave_trace(&self, tx: &DatabaseTransaction, proofs: &Proofs, head: Option<&Head>) -> Result<(), BoxError> {
        // Nobody is signed in, so the environment of the shell names the operator.
        let operator = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let restored = json!({
            "backup_made_at": self.created_at,
            "signed": self.signed,
            "trail_restored": head.map(ToString::to_string),
            "trail_noted": self.noted.as_ref().map(ToString::to_string),
            "operator": operator,
        });
        let entry = audit::entry(None, Clock::system().now(), Event::of(OBJECT, self.backup, "restore"), &(), &restored);
        audit::write(tx, proofs, vec![entry]).await.map_err(|error| error.to_string().into())
    }
}
