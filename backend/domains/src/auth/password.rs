//! Passwords: Argon2id, and the refusal of passwords that are easy to guess.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use platform::places::Queued;
use platform::rate::Subject;
use platform::{App, Error, Result, Vault, apart};
use sea_orm::prelude::Uuid;
use tokio::sync::{Semaphore, SemaphorePermit};
use zxcvbn::{Score, zxcvbn};

/// How many passwords are hashed at once. Each takes 19 MiB and a whole core for tens of milliseconds, so more would starve
/// everything else.
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// The number of cores in a small machine.
const AT_ONCE: usize = 4;

/// A place for hashing passwords.
#[derive(Debug)]
pub struct Place {
    _permit: SemaphorePermit<'static>,
    _queued: Option<Queued>,
}

impl Place {
    /// Waits for a place.
    ///
    /// # Errors
    /// None: the places are never closed.
    pub async fn wait() -> Result<Self> {
        let _permit = PLACES.acquire().await.map_err(Error::internal)?;
        Ok(Self { _permit, _queued: None })
    }

    /// Waits for a place on behalf of a caller, who may occupy only part of the queue.
    ///
    /// # Errors
    /// `too_many_requests` where too many of this caller's wait already, `unavailable` where too many of others do.
    pub async fn of(app: &App, caller: &Subject) -> Result<Self> {
        let queued = app.places.password(caller)?;
        Ok(Self { _queued: Some(queued), ..Self::wait().await? })
    }

    /// A hash of `password`, which includes its salt and parameters.
    ///
    /// # Errors
    /// `internal` if hashing fails.
    pub async fn hash(&self, password: String) -> Result<String> {
        apart(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Error::internal(error.to_string()))
    }

    /// Whether `password` matches `hash`. Without a hash it takes the same time and does not match, so that unknown accounts
    /// cannot be recognised.
    ///
    /// # Errors
    /// `internal` if the stored hash is damaged.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        apart(move || match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            _ => Argon2::default().hash_password(password.as_bytes()).is_err(),
        })
        .await
    }

    /// Whether a password is in lists of common ones, or consists of these names or of words that are obvious here.
    ///
    /// # Errors
    /// `internal` if the work is cancelled.
    pub async fn is_common(&self, password: String, names: &[&str]) -> Result<bool> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        apart(move || is_common(&password, &names)).await
    }
}

/// Words that people here think of first: the product, the place, the office.
const AT_HAND: [&str; 6] = ["baishe", "jinjiang", "quanzhou", "fujian", "minzheng", "shehui"];

/// How many characters of a password are estimated. The time grows with their square, and whoever cannot guess these cannot guess
/// more.
const LOOKED_AT: usize = 48;

fn is_common(password: &str, names: &[String]) -> bool {
    let guessed: Vec<_> = names.iter().map(String::as_str).chain(AT_HAND).collect();
    // A dash or dot between two words makes them no harder to guess.
    let [whole, words]: [String; 2] =
        [password.chars().take(LOOKED_AT).collect(), password.chars().filter(|c| c.is_alphanumeric()).take(LOOKED_AT).collect()];
    let easy = |text: &str| zxcvbn(text, &guessed).score() < Score::Two;
    easy(&whole) || (words != whole && easy(&words))
}

/// The number of letters in half a generated password: 50 bits, which cannot be guessed within its week.
const HALF: usize = 10;

/// A generated password for one sign-in.
pub struct OneTime {
    pub password: String,
    pub hash: String,
}

impl OneTime {
    /// Makes a password, in a place for hashing. Hashing takes time, so do it before a transaction.
    ///
    /// # Errors
    /// `internal` if hashing fails.
    pub async fn new(place: &Place) -> Result<Self> {
        Self::of(place, letters(&rand::random::<[u8; 2 * HALF]>())).await
    }

    /// Makes a password whose first half only the person who asked for it knows, and whose second half only the person who
    /// confirms.
    ///
    /// # Errors
    /// `internal` if hashing fails.
    pub async fn of_two(place: &Place, vault: &Vault, request_id: Uuid) -> Result<Self> {
        Self::of(place, first_half(vault, request_id) + &letters(&rand::random::<[u8; HALF]>())).await
    }

    async fn of(place: &Place, password: String) -> Result<Self> {
        Ok(Self { hash: place.hash(password.clone()).await?, password })
    }

    /// The half for the person who confirms.
    pub fn second_half(&self) -> String {
        self.password[HALF..].to_owned()
    }
}

/// Letters and digits that cannot be confused with each other: five bits of each byte.
fn letters(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// The first half of a request's password, for the person who asks. It is derived from the request with a key of the service, so
/// it is stored nowhere.
pub fn first_half(vault: &Vault, request_id: Uuid) -> String {
    letters(&vault.hash("one_time_password", &request_id.to_string())[..HALF])
}

#[cfg(test)]
mod tests {
    use super::is_common;

    fn common(password: &str) -> bool {
        is_common(password, &["town-350582106".to_owned(), "金井镇社会事务办".to_owned()])
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for bad in ["password123456", "jinjiang2020", "jinjiang-2020", "minzheng123", "town-350582106", "Jinjiang@2026"] {
            assert!(common(bad), "{bad}");
        }
        for good in ["quiet-Lychee-Harvest-42", "正确的马电池订书钉啊啊"] {
            assert!(!common(good), "{good}");
        }
    }

    #[test]
    fn a_long_password_takes_no_longer_than_a_short_one() {
        // At its full length it took seconds, because each part may stand for something else.
        let long = "p4$$w0rd@1!|3".repeat(15);
        let began = std::time::Instant::now();
        common(&long);
        println!("{:?} for {} characters", began.elapsed(), long.len());
        assert_eq!(common(&long), common(&long.chars().take(super::LOOKED_AT).collect::<String>()));
    }
}
