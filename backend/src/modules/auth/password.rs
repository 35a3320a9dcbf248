//! Passwords: Argon2id, and refusal of what is easily guessed.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};
use zxcvbn::{Score, zxcvbn};

use crate::platform::{Error, Result};

/// Passwords worked on at once. Each takes 19 MiB and a whole core for tens of milliseconds: many at once would take the memory from all others.
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// As many as a small machine has cores.
const AT_ONCE: usize = 4;

/// A turn at working on passwords.
#[derive(Debug)]
pub struct Place {
    _permit: SemaphorePermit<'static>,
}

impl Place {
    /// Waits for one.
    ///
    /// # Errors
    /// None: there are always places.
    pub async fn wait() -> Result<Self> {
        let _permit = PLACES.acquire().await.map_err(Error::internal)?;
        Ok(Self { _permit })
    }

    /// A hash of `password` that carries its salt and parameters.
    ///
    /// # Errors
    /// Internal, where hashing fails.
    pub async fn hash(&self, password: String) -> Result<String> {
        block(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::internal(error.to_string()))
    }

    /// Whether `password` is the one of `hash`. Without a hash it takes the same time and is not: so that unknown accounts cannot be told.
    ///
    /// # Errors
    /// Internal, where a kept hash is damaged.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        block(move || match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            _ => Argon2::default().hash_password(password.as_bytes()).is_err(),
        })
        .await
    }
}

/// What people here think of first: the product, the place, the office.
const AT_HAND: [&str; 6] = ["baishe", "jinjiang", "quanzhou", "fujian", "minzheng", "shehui"];

/// Refuses a password that stands in lists of common ones, or is made of the account's own name or of what is at hand.
///
/// # Errors
/// A fault at `pointer`.
pub fn check_strength(password: &str, account: &str, display_name: &str, pointer: &str) -> Result<()> {
    let guessed: Vec<_> = [account, display_name].into_iter().chain(AT_HAND).collect();
    // A dash or a dot between two words makes neither less at hand.
    let words: String = password.chars().filter(|c| c.is_alphanumeric()).collect();
    if [password, &words].iter().any(|text| zxcvbn(text, &guessed).score() < Score::Two) {
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
        Ok(Self { hash: Place::wait().await?.hash(password.clone()).await?, password })
    }
}

/// A random password: 20 letters and digits that cannot be mistaken for one another.
fn generate() -> String {
    const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    rand::random::<[u8; 20]>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::check_strength;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let check = |password: &str| check_strength(password, "town-350582106", "金井镇社会事务办", "/new_password");
        for bad in ["password123456", "jinjiang2020", "jinjiang-2020", "minzheng123", "town-350582106", "Jinjiang@2026"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for good in ["quiet-Lychee-Harvest-42", "正确的马电池订书钉啊啊"] {
            check(good).unwrap();
        }
    }
}
