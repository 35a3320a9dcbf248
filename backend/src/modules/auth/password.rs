//! Passwords: Argon2id, and refusal of what is easily guessed.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use zxcvbn::{Score, zxcvbn};

use crate::platform::{Error, Result};

/// A hash of `password` that carries its salt and parameters.
///
/// # Errors
/// Internal, where hashing fails.
pub async fn hash(password: String) -> Result<String> {
    block(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| Error::internal(error.to_string()))
}

/// Whether `password` is the one of `hash`. Without a hash it takes the same time and is not: so that unknown accounts cannot be told.
///
/// # Errors
/// Internal, where a kept hash is damaged.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    block(move || match hash.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => Argon2::default().hash_password(password.as_bytes()).is_err(),
    })
    .await
}

/// Refuses a password that stands in lists of common ones or is made of the account's own name.
///
/// # Errors
/// A fault at `pointer`.
pub fn check_strength(password: &str, account: &str, display_name: &str, pointer: &str) -> Result<()> {
    if zxcvbn(password, &[account, display_name, "baishe"]).score() < Score::Two {
        return Err(Error::field(pointer, "password_common"));
    }
    Ok(())
}

/// Hashing takes tens of milliseconds of a whole core: not on a thread that serves others.
async fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// A password that the service makes, for one sign-in.
pub struct OneTime {
    pub password: String,
    pub hash: String,
}

impl OneTime {
    /// Makes one. Hashing takes its time: before a transaction and not in it.
    ///
    /// # Errors
    /// Internal, where hashing fails.
    pub async fn new() -> Result<Self> {
        let password = generate();
        Ok(Self { hash: hash(password.clone()).await?, password })
    }
}

/// A random password: 20 letters and digits that cannot be mistaken for one another.
fn generate() -> String {
    const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    rand::random::<[u8; 20]>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}
