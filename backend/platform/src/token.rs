//! Access tokens: short-lived JWTs signed with Ed25519.
//!
//! A token contains only the issuer, the user, the session and the times of issue and expiry. Role and area are read from the
//! database with each request, so that nothing in it can be out of date.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use contract::ErrorCode;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Error, Result};

/// Lifetime of an access token, in seconds.
pub const LIFETIME: i64 = 600;
const ISSUER: &str = "baishe";
const AUDIENCE: &str = "baishe-api";

/// How many valid tokens are cached: more than there are people.
const REMEMBERED: usize = 10_000;

/// The claims of a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    pub iat: i64,
    pub exp: i64,
}

struct Key {
    id: String,
    /// The public key, as in the key set.
    x: String,
    decoding: DecodingKey,
}

/// Signs and checks tokens. All keys of the directory check tokens; the last by name signs. So keys can rotate with an overlap.
pub struct Tokens {
    signing: (String, EncodingKey),
    keys: Vec<Key>,
    /// Valid signatures by the digests of their tokens, since checking one takes half as long as a small request. Whether the
    /// session continues is checked each time.
    good: Mutex<HashMap<[u8; 32], Claims>>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

impl Tokens {
    /// Reads the keys of a directory, and makes the first if there is none.
    ///
    /// # Errors
    /// If the directory cannot be read or written, or a file is no key.
    pub fn load(directory: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let mut files = key_files(directory)?;
        if files.is_empty() {
            match create_key(directory, "0001") {
                // Another process that shares the directory was faster.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                outcome => drop(outcome?),
            }
            files = key_files(directory)?;
        }
        files.sort();
        let mut keys = Vec::new();
        let mut signing = None;
        for file in &files {
            let pem = std::fs::read_to_string(file)?;
            let invalid =
                |error: String| std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{}: {error}", file.display()));
            let key = SigningKey::from_pkcs8_pem(&pem).map_err(|error| invalid(error.to_string()))?;
            let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
            let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(&x)[..8]);
            let decoding = DecodingKey::from_ed_components(&x).map_err(|error| invalid(error.to_string()))?;
            signing = Some((id.clone(), EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|error| invalid(error.to_string()))?));
            keys.push(Key { id, x, decoding });
        }
        let signing = signing.ok_or_else(|| std::io::Error::other("no signing key"))?;
        Ok(Self { signing, keys, good: Mutex::default() })
    }

    /// A token for a session.
    ///
    /// # Errors
    /// `internal` if signing fails.
    pub fn issue(&self, user_id: Uuid, session_id: Uuid, now: DateTime<Utc>) -> Result<String> {
        let iat = now.timestamp();
        self.sign(&Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user_id,
            sid: session_id,
            iat,
            exp: iat + LIFETIME,
        })
    }

    /// The claims of a valid token of this service.
    ///
    /// # Errors
    /// `unauthenticated` for any other token.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let digest = Sha256::digest(token).into();
        let known = self.good.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let claims = match known {
            Some(claims) => claims,
            None => {
                let claims = self.check(token)?;
                let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
                if good.len() >= REMEMBERED {
                    good.retain(|_, claims| now.timestamp() < claims.exp);
                }
                if good.len() < REMEMBERED {
                    good.insert(digest, claims.clone());
                }
                claims
            }
        };
        if claims.exp <= now.timestamp() { Err(ErrorCode::Unauthenticated.into()) } else { Ok(claims) }
    }

    /// The claims of a token with a valid signature, expired or not.
    fn check(&self, token: &str) -> Result<Claims> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| ErrorCode::Unauthenticated)?;
        let key = self.keys.iter().find(|key| header.kid.as_ref() == Some(&key.id)).ok_or(ErrorCode::Unauthenticated)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // The service's own clock decides, because tests set it.
        validation.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_| ErrorCode::Unauthenticated)?;
        Ok(token.claims)
    }

    /// Signs a statement other than a token. Its claim `aud` distinguishes the two.
    ///
    /// # Errors
    /// `internal` if signing fails.
    pub fn sign(&self, statement: &impl Serialize) -> Result<String> {
        let (id, key) = &self.signing;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(id.clone());
        jsonwebtoken::encode(&header, statement, key).map_err(Error::internal)
    }

    /// Checks a statement that [`Self::sign`] signed for an audience, with any of the current keys.
    pub fn signed<T: DeserializeOwned>(&self, audience: &str, statement: &str) -> Option<T> {
        let header = jsonwebtoken::decode_header(statement).ok()?;
        let key = self.keys.iter().find(|key| header.kid.as_ref() == Some(&key.id))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["aud"]);
        validation.validate_exp = false;
        Some(jsonwebtoken::decode(statement, &key.decoding, &validation).ok()?.claims)
    }

    /// The public keys (RFC 7517), for parties that check tokens themselves.
    pub fn key_set(&self) -> serde_json::Value {
        let keys: Vec<_> = self
            .keys
            .iter()
            .map(|key| {
                serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key.id, "x": key.x })
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }
}

fn key_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
    entries.filter(|path| path.as_ref().map_or(true, |path| path.extension().is_some_and(|kind| kind == "pem"))).collect()
}

/// Writes a new key, readable by its owner only.
///
/// # Errors
/// An error of the file system, or that the name is taken.
pub fn create_key(directory: &Path, name: &str) -> std::io::Result<PathBuf> {
    use std::io::Write;
    let pem = SigningKey::from_bytes(&rand::random())
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    let path = directory.join(format!("{name}.pem"));
    // It is renamed once it is complete, since others who share the directory must not read half a key.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(pem.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_token_that_is_remembered_ends_like_any_other_and_no_other_is_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::load(folder.path()).unwrap();
        let (now, user) = (Utc::now(), Uuid::from_u128(1));
        let token = tokens.issue(user, Uuid::from_u128(2), now).unwrap();
        for _ in 0..2 {
            assert_eq!(tokens.verify(&token, now).unwrap().sub, user);
        }
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = tokens.issue(Uuid::from_u128(3), Uuid::from_u128(4), now).unwrap();
        for bad in [format!("{}.{signature}", other.rsplit_once('.').unwrap().0), format!("{signed}."), format!("{token}=")] {
            tokens.verify(&bad, now).unwrap_err();
        }
        tokens.verify(&token, now + TimeDelta::seconds(LIFETIME - 1)).unwrap();
        tokens.verify(&token, now + TimeDelta::seconds(LIFETIME)).unwrap_err();
    }

    #[test]
    fn no_more_tokens_are_remembered_than_there_is_room_for() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::load(folder.path()).unwrap();
        let (now, claims) = (Utc::now(), |exp| Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Uuid::nil(),
            sid: Uuid::nil(),
            iat: 0,
            exp,
        });
        let fill = |exp: i64| {
            let mut good = tokens.good.lock().unwrap();
            *good = (0..REMEMBERED as u64).map(|n| (Sha256::digest(n.to_le_bytes()).into(), claims(exp))).collect();
        };
        let new = |n| tokens.issue(Uuid::from_u128(n), Uuid::nil(), now).unwrap();
        fill(now.timestamp() + 1);
        tokens.verify(&new(1), now).unwrap();
        assert_eq!(tokens.good.lock().unwrap().len(), REMEMBERED);
        fill(now.timestamp());
        tokens.verify(&new(2), now).unwrap();
        assert_eq!(tokens.good.lock().unwrap().len(), 1, "those that are over made room");
    }
}
