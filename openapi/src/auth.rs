//! Signing in: accounts and sessions.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{Permission, Role};

/// Account and password.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginInput {
    #[validate(length(min = 1, max = 60), custom(function = crate::validation::characters))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 60, example = "bureau"))]
    pub account: String,
    #[validate(length(min = 1, max = 200))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 200, format = "password"))]
    pub password: String,
    /// What the person's authenticator shows, where the account has a second factor; asked for by `second_factor_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = six_digits))]
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{6}$", max_length = 6, example = "287082"))]
    pub verification_code: Option<String>,
}

fn six_digits(code: &str) -> Result<(), ValidationError> {
    let sound = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if sound { Ok(()) } else { Err(ValidationError::new("verification_code")) }
}

/// An access token and whom it is for. The refresh token travels in a cookie that scripts cannot read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    /// JWT (EdDSA) for the header `Authorization: Bearer`.
    #[cfg_attr(feature = "schema", schema(max_length = 2000))]
    pub access_token: String,
    /// Seconds until it expires.
    #[cfg_attr(feature = "schema", schema(minimum = 1, maximum = 3600))]
    pub expires_in: u32,
    pub account: Account,
}

/// The person signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    pub id: Uuid,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub account: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub display_name: String,
    pub role: Role,
    /// What the role may do; the app shows nothing else.
    #[cfg_attr(feature = "schema", schema(max_items = 100))]
    pub permissions: Vec<Permission>,
    /// The person's own area: county, town or village.
    #[cfg_attr(feature = "schema", schema(max_length = 12))]
    pub area_code: String,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
    pub area_name: String,
    /// The person's organisation, for that role.
    pub organisation_id: Option<Uuid>,
    #[cfg_attr(feature = "schema", schema(max_length = 100))]
    pub organisation_name: Option<String>,
    /// True where a one-time password brought the person in: nothing but changing it works.
    pub must_change_password: bool,
    /// Whether signing in takes a code of the person's authenticator.
    pub second_factor: bool,
    /// True where the role must have a second factor and the account has none yet: nothing but adding it works.
    pub must_add_second_factor: bool,
    /// What others have done with the account, or asked for, and the person has not marked as seen: told on every page until then.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(minimum = 0))]
    pub unseen_changes: u32,
    /// True on a deployment filled with demo data: every page says so.
    pub demo: bool,
    /// Today by the service's clock, where the business is.
    pub today: NaiveDate,
}

/// Marks what others did with one's account as seen.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SeenInput {
    /// The instant of the latest entry that was shown: what came after it is told all the same.
    pub until: DateTime<Utc>,
}

/// A change of password.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordInput {
    #[validate(length(min = 1, max = 200))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 200, format = "password"))]
    pub current_password: String,
    /// At least 10 characters, and not one of the common ones.
    #[validate(length(min = 10, max = 200))]
    #[cfg_attr(feature = "schema", schema(min_length = 10, max_length = 200, format = "password"))]
    pub new_password: String,
}

/// Begins a second factor, or another one in its place.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecondFactorInput {
    #[validate(length(min = 1, max = 200))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 200, format = "password"))]
    pub current_password: String,
    /// Of the second factor there is, where another one is to take its place.
    #[serde(default)]
    #[validate(custom(function = six_digits))]
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{6}$", max_length = 6, example = "287082"))]
    pub verification_code: Option<String>,
}

/// The secret of a second factor that is to be confirmed. It is shown once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewSecondFactor {
    /// To type into an authenticator, in base32 (RFC 6238: SHA-1, 6 digits, 30 seconds).
    #[cfg_attr(feature = "schema", schema(max_length = 64))]
    pub secret: String,
    /// The same for an app on this device: `otpauth://totp/…`.
    #[cfg_attr(feature = "schema", schema(max_length = 500))]
    pub uri: String,
    /// The same for the camera of another device: a QR code as SVG.
    #[cfg_attr(feature = "schema", schema(max_length = 100_000))]
    pub qr_svg: String,
}

/// A code of the authenticator that shows that it has the secret.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecondFactorProof {
    #[validate(custom(function = six_digits))]
    #[cfg_attr(feature = "schema", schema(pattern = r"^\d{6}$", max_length = 6, example = "287082"))]
    pub verification_code: String,
}

/// A session of the person signed in, on one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Browser, as it named itself.
    #[cfg_attr(feature = "schema", schema(max_length = 300))]
    pub user_agent: Option<String>,
    #[cfg_attr(feature = "schema", schema(max_length = 60))]
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
