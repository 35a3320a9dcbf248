//! Keyed digests of events. Whoever can write to the database but has no key cannot forge an event that passes for the service's
//! own.
//!
//! Each event is written with an HMAC-SHA-256 of all its fields, under a key in a file beside the signing key. This proof makes
//! an event genuine, not the seal: events without a valid proof are not sealed. A proof begins with the id of its key. The last
//! key by name proves new events; the others check older ones. Once an event is sealed, its block vouches for it, and the old key
//! may be removed.

use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use hmac::{Hmac, Mac};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::crypto::{self, KEY_ID};
use crate::{Error, Result};

struct Key {
    id: [u8; KEY_ID],
    mac: Hmac<Sha256>,
}

/// The keys that prove events.
pub struct Proofs {
    directory: PathBuf,
    /// Never empty; the last is for new events.
    keys: RwLock<Vec<Key>>,
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proofs({})", self.directory.display())
    }
}

impl Proofs {
    /// Reads the keys of a directory, and makes the first if there is none.
    ///
    /// # Errors
    /// If the directory cannot be read or written, or a file is no key.
    pub fn load(directory: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        if crypto::key_files(directory)?.is_empty() {
            crypto::make(directory.join("0001.key"))?;
        }
        Ok(Self { directory: directory.to_owned(), keys: RwLock::new(read(directory)?) })
    }

    /// Looks for keys that others have added or removed.
    ///
    /// # Errors
    /// An error of the file system. The keys then stay as they were.
    pub fn refresh(&self) -> std::io::Result<()> {
        let keys = read(&self.directory)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Adds a key for new events. Every process finds it within seconds.
    ///
    /// # Errors
    /// An error of the file system.
    pub fn add_key(&self) -> std::io::Result<PathBuf> {
        let path = crypto::next_key(&self.directory)?;
        crypto::make(path.clone())?;
        self.refresh()?;
        Ok(path)
    }

    fn of(&self, statement: &[u8]) -> Result<Vec<u8>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.last().ok_or_else(|| Error::internal("no key of the audit trail"))?;
        let digest = key.mac.clone().chain_update(statement).finalize().into_bytes();
        Ok([&key.id[..], &digest].concat())
    }

    /// Whether a proof is valid; `None` if its key is unknown.
    fn compare(&self, statement: &[u8], proof: &[u8]) -> Option<bool> {
        let (id, digest) = proof.split_at_checked(KEY_ID)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| key.id == id)?;
        Some(key.mac.clone().chain_update(statement).verify_slice(digest).is_ok())
    }

    /// Whether the service wrote this event and nothing has changed it since.
    pub fn prove(&self, event: &StoredEvent) -> bool {
        let (Some(proof), Ok(statement)) = (&event.proof, event.statement()) else { return false };
        // Another process may have written it under a new key.
        self.compare(&statement, proof)
            .or_else(|| self.refresh().ok().and_then(|()| self.compare(&statement, proof)))
            .unwrap_or(false)
    }

    /// Adds the proof to an event that is about to be written.
    pub(super) fn prove_new(&self, event: Model) -> Result<ActiveModel> {
        let proof = self.of(&StoredEvent::of(&event).statement()?)?;
        Ok(Model { proof: Some(proof), ..event }.into())
    }
}

fn read(directory: &Path) -> std::io::Result<Vec<Key>> {
    let keys = crypto::key_files(directory)?.into_iter().map(|file| {
        let secret = crypto::read(&file)?;
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(&secret).map_err(|error| IoError::new(ErrorKind::InvalidData, error))?;
        let mut id = [0; KEY_ID];
        id.copy_from_slice(&Sha256::digest(secret)[..KEY_ID]);
        Ok(Key { id, mac })
    });
    let keys: Vec<_> = keys.collect::<std::io::Result<_>>()?;
    if keys.is_empty() {
        return Err(IoError::new(ErrorKind::NotFound, "there is no key of the audit trail any more"));
    }
    Ok(keys)
}

/// An event as the database stores it, column by column. So most of a tampered row can still be read.
#[derive(Clone, Debug, DerivePartialModel, Serialize)]
#[sea_orm(entity = "Entity")]
pub struct StoredEvent {
    pub id: Uuid,
    at: DateTimeUtc,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    actor_role: Option<String>,
    actor_area_code: Option<String>,
    on_behalf_reason: Option<String>,
    note: Option<String>,
    action: String,
    object_type: String,
    object_id: String,
    outcome: String,
    #[sea_orm(from_expr = "Expr::col((Entity, Column::Changes)).cast_as(\"text\")")]
    changes: String,
    address: Option<String>,
    request_id: Option<String>,
    /// Omitted if there is none, so that events sealed before proofs existed keep their digests.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Vec<u8>>,
}

impl StoredEvent {
    fn of(event: &Model) -> Self {
        let Model { id, at, actor_id, proof, .. } = event;
        let text = |text: &Option<String>| text.clone();
        Self {
            id: *id,
            at: *at,
            actor_id: *actor_id,
            actor_name: text(&event.actor_name),
            actor_role: event.actor_role.map(|role| contract::CodedEnum::code(role.0).to_owned()),
            actor_area_code: text(&event.actor_area_code),
            on_behalf_reason: text(&event.on_behalf_reason),
            note: text(&event.note),
            action: event.action.clone(),
            object_type: event.object_type.clone(),
            object_id: event.object_id.clone(),
            outcome: contract::CodedEnum::code(event.outcome.0).to_owned(),
            changes: event.changes.to_string(),
            address: text(&event.address),
            request_id: text(&event.request_id),
            proof: proof.clone(),
        }
    }

    /// The bytes that the proof covers: all but the number of the block. PostgreSQL formats JSON in its own way, hence one
    /// canonical form.
    fn statement(&self) -> Result<Vec<u8>> {
        let mut changes: Json = serde_json::from_str(&self.changes).map_err(Error::internal)?;
        changes.sort_all_objects();
        let stated = Self { changes: changes.to_string(), proof: None, ..self.clone() };
        serde_json::to_vec(&stated).map_err(Error::internal)
    }

    /// SHA-256 of everything but the number of the block. A block stores this digest of an event.
    ///
    /// # Errors
    /// None for an event from the database.
    pub fn digest(&self) -> Result<[u8; 32]> {
        Ok(Sha256::digest(serde_json::to_vec(self).map_err(Error::internal)?).into())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use contract::Role;
    use contract::audit::AuditOutcome;

    use super::*;
    use crate::coded::Code;

    fn event() -> Model {
        Model {
            id: Uuid::from_u128(1),
            at: DateTimeUtc::default(),
            actor_id: Some(Uuid::from_u128(2)),
            actor_name: Some("林科员".to_owned()),
            actor_role: Some(Code(Role::Town)),
            actor_area_code: Some("350582104".to_owned()),
            on_behalf_reason: Some("村委会暂无账号".to_owned()),
            note: Some("核实".to_owned()),
            action: "update".to_owned(),
            object_type: "villages".to_owned(),
            object_id: "350582104206".to_owned(),
            outcome: Code(AuditOutcome::Done),
            changes: serde_json::json!([{ "field": "population", "from": 1, "to": { "b": 2.5, "a": null } }]),
            address: Some("192.0.2.1".to_owned()),
            request_id: Some("b7".to_owned()),
            block: None,
            proof: None,
        }
    }

    #[test]
    fn a_new_key_proves_what_comes_and_the_old_ones_what_is_there() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("keys").join("audit");
        let (one, other) = (Proofs::load(&folder).unwrap(), Proofs::load(&folder).unwrap());
        let written = |proofs: &Proofs| {
            let written = StoredEvent::of(&event());
            StoredEvent { proof: Some(proofs.of(&written.statement().unwrap()).unwrap()), ..written }
        };
        let before = written(&one);
        assert!(other.prove(&before), "a second process finds the key that is there");
        let added = one.add_key().unwrap();
        let after = written(&one);
        assert_ne!(before.proof, after.proof);
        // Another process reloads the keys when it meets one that it does not know.
        for proofs in [&one, &other, &Proofs::load(&folder).unwrap()] {
            assert!(proofs.prove(&before) && proofs.prove(&after));
        }
        // The old key may be removed. From then on only their blocks vouch for its events.
        let old = crypto::key_files(&folder).unwrap().into_iter().find(|file| *file != added).unwrap();
        std::fs::remove_file(old).unwrap();
        one.refresh().unwrap();
        assert!(!one.prove(&before) && one.prove(&after));
        // Without any key the service does not start, but a running process keeps the keys that it has.
        std::fs::remove_file(&added).unwrap();
        assert!(one.refresh().is_err() && one.prove(&after));
        std::fs::write(&added, b"no key").unwrap();
        assert!(Proofs::load(&folder).is_err() && one.refresh().is_err());
    }

    #[test]
    fn a_proof_holds_however_json_is_written_and_for_nothing_else() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (proofs, others) = (Proofs::load(here.path()).unwrap(), Proofs::load(there.path()).unwrap());
        let written = StoredEvent::of(&event());
        let stored = StoredEvent { proof: Some(proofs.of(&written.statement().unwrap()).unwrap()), ..written };
        assert!(proofs.prove(&stored) && !others.prove(&stored));
        let with = |changes: &str| StoredEvent { changes: changes.to_owned(), ..stored.clone() };
        assert!(proofs.prove(&with(r#"[{"to": {"a": null, "b": 2.5}, "from": 1, "field": "population"}]"#)));
        assert!(!proofs.prove(&with(r#"[{"to": {"a": null, "b": 2.5}, "from": 2, "field": "population"}]"#)));
        assert!(!proofs.prove(&with("no JSON")));

        // Changing any field changes what the event states.
        let (other, nobody) = (|| "another".to_owned(), || None::<String>);
        for changed in [
            StoredEvent { id: Uuid::nil(), ..stored.clone() },
            StoredEvent { at: stored.at + TimeDelta::microseconds(1), ..stored.clone() },
            StoredEvent { actor_id: None, ..stored.clone() },
            StoredEvent { actor_name: nobody(), ..stored.clone() },
            StoredEvent { actor_role: nobody(), ..stored.clone() },
            StoredEvent { actor_area_code: nobody(), ..stored.clone() },
            StoredEvent { on_behalf_reason: nobody(), ..stored.clone() },
            StoredEvent { note: Some(String::new()), ..stored.clone() },
            StoredEvent { action: other(), ..stored.clone() },
            StoredEvent { object_type: other(), ..stored.clone() },
            StoredEvent { object_id: other(), ..stored.clone() },
            StoredEvent { outcome: other(), ..stored.clone() },
            StoredEvent { address: nobody(), ..stored.clone() },
            StoredEvent { request_id: nobody(), ..stored.clone() },
            with("[]"),
            StoredEvent { proof: None, ..stored.clone() },
        ] {
            assert!(!proofs.prove(&changed) && stored.digest().unwrap() != changed.digest().unwrap(), "{changed:?}");
        }
    }

    #[test]
    fn a_proof_is_whole_and_of_the_key_that_it_names() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (proofs, others) = (Proofs::load(here.path()).unwrap(), Proofs::load(there.path()).unwrap());
        let statement = StoredEvent::of(&event()).statement().unwrap();
        let (proof, forged) = (proofs.of(&statement).unwrap(), others.of(&statement).unwrap());
        let holds = |proof: &[u8]| proofs.prove(&StoredEvent { proof: Some(proof.to_vec()), ..StoredEvent::of(&event()) });
        assert!(holds(&proof));
        for cut in 0..proof.len() {
            assert!(!holds(&proof[..cut]), "{cut} bytes of it");
        }
        assert!(!holds(&[&proof[..], &[0]].concat()));
        // Whoever has another key can write the id of this one.
        assert!(!holds(&[&proof[..KEY_ID], &forged[KEY_ID..]].concat()));
        // Whoever reads the trail reads the id of a key, and learns nothing of the key.
        let secret = crypto::read(&here.path().join("0001.key")).unwrap();
        assert!(!secret.windows(KEY_ID).any(|part| part == &proof[..KEY_ID]), "a part of the key is shown");
        assert_eq!(format!("{proofs:?}"), format!("Proofs({})", here.path().display()), "no key is shown");
    }
}
