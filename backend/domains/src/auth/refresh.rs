//! The content of the cookie that continues a session.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::ErrorCode;
use platform::{Error, Result};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A refresh token. The secret changes with each use. The family stays, which distinguishes an outdated token from a forged one.
pub struct RefreshToken {
    pub session_id: Uuid,
    pub family: String,
    pub secret: String,
}

impl RefreshToken {
    /// The first token of a session.
    pub fn of(session_id: Uuid) -> Self {
        Self { session_id, family: new_secret(), secret: new_secret() }
    }

    /// The token that replaces it.
    pub fn next(&self) -> Self {
        Self { secret: new_secret(), family: self.family.clone(), ..*self }
    }
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.session_id.simple(), self.family, self.secret)
    }
}

impl FromStr for RefreshToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('.');
        let id = parts.next().and_then(|id| Uuid::try_parse(id).ok());
        let (Some(session_id), Some(family), Some(secret), None) = (id, parts.next(), parts.next(), parts.next()) else {
            return Err(ErrorCode::SessionEnded.into());
        };
        Ok(Self { session_id, family: family.to_owned(), secret: secret.to_owned() })
    }
}

/// 256 random bits, as text.
fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The hash of a secret. Secrets are random and long, so a plain hash is as good as a slow one.
pub fn hash_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
