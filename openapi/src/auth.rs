//! Signing in: accounts and sessions.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::{Permission, Role, answer, input};

/// Account and password.
#[input]
pub struct LoginInput {
    #[limit(1..=60, characters, example = "bureau")]
    pub account: String,
    #[limit(1..=200, format = "password")]
    pub password: String,
    /// What the person's authenticator shows, where the account has a second factor; asked for by `second_factor_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(self::six_digits, pattern = r"^\d{6}$", max_length = 6, example = "287082")]
    pub verification_code: Option<String>,
}

fn six_digits(code: &str) -> Result<(), ValidationError> {
    let sound = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if sound { Ok(()) } else { Err(ValidationError::new("verification_code")) }
}

/// An access token and whom it is for. The refresh token travels in a cookie that scripts cannot read.
#[answer]
pub struct Session {
    /// JWT (EdDSA) for the header `Authorization: Bearer`.
    #[limit(..=2000)]
    pub access_token: String,
    /// Seconds until it expires.
    #[limit(1..=3600)]
    pub expires_in: u32,
    pub account: Account,
}

/// The person signed in.
#[answer]
pub struct Account {
    pub id: Uuid,
    #[limit(..=60)]
    pub account: String,
    #[limit(..=60)]
    pub display_name: String,
    pub role: Role,
    /// What the role may do; the app shows nothing else.
    #[limit(..=100)]
    pub permissions: Vec<Permission>,
    /// The person's own area: county, town or village.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    /// The person's organisation, for that role.
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    /// The person's institution, for that role.
    pub institution_id: Option<Uuid>,
    #[limit(..=100)]
    pub institution_name: Option<String>,
    /// True where a one-time password brought the person in: nothing but changing it works.
    pub must_change_password: bool,
    /// Whether signing in takes a code of the person's authenticator.
    pub second_factor: bool,
    /// True where the role must have a second factor and the account has none yet: nothing but adding it works.
    pub must_add_second_factor: bool,
    /// What others have done with the account, or asked for, and the person has not marked as seen: told on every page until then.
    #[serde(default)]
    #[limit(0..)]
    pub unseen_changes: u32,
    /// True on a deployment filled with demo data: every page says so.
    pub demo: bool,
    /// Today by the service's clock, where the business is.
    pub today: NaiveDate,
}

/// Marks what others did with one's account as seen.
#[input]
pub struct SeenInput {
    /// The instant of the latest entry that was shown: what came after it is told all the same.
    pub until: DateTime<Utc>,
}

/// A change of password.
#[input]
pub struct PasswordInput {
    #[limit(1..=200, format = "password")]
    pub current_password: String,
    /// At least 10 characters, and not one of the common ones.
    #[limit(10..=200, format = "password")]
    pub new_password: String,
}

/// Begins a second factor, or another one in its place.
#[input]
pub struct SecondFactorInput {
    #[limit(1..=200, format = "password")]
    pub current_password: String,
    /// Of the second factor there is, where another one is to take its place.
    #[serde(default)]
    #[limit(self::six_digits, pattern = r"^\d{6}$", max_length = 6, example = "287082")]
    pub verification_code: Option<String>,
}

/// The secret of a second factor that is to be confirmed. It is shown once.
#[answer]
pub struct NewSecondFactor {
    /// To type into an authenticator, in base32 (RFC 6238: SHA-1, 6 digits, 30 seconds).
    #[limit(..=64)]
    pub secret: String,
    /// The same for an app on this device: `otpauth://totp/…`.
    #[limit(..=500)]
    pub uri: String,
    /// The same for the camera of another device: a QR code as SVG.
    #[limit(..=100_000)]
    pub qr_svg: String,
}

/// A code of the authenticator that shows that it has the secret.
#[input]
pub struct SecondFactorProof {
    #[limit(self::six_digits, pattern = r"^\d{6}$", max_length = 6, example = "287082")]
    pub verification_code: String,
}

/// A session of the person signed in, on one device.
#[answer]
pub struct SessionInfo {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Browser, as it named itself.
    #[limit(..=300)]
    pub user_agent: Option<String>,
    #[limit(..=60)]
    pub address: Option<String>,
    /// True for the session that asks.
    pub current: bool,
}

crate::coded_enum! {
    /// Orders of the list of sessions.
    pub enum SessionSort {
        LastUsedAt = "last_used_at" / "最近使用" / "Last used",
    }
}

crate::list_query! {
    /// Paging of the sessions of an account.
    pub struct SessionQuery sorted by SessionSort, latest first {}
}
