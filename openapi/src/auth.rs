//! Signing in: accounts and sessions.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{Permission, Role};

/// Account and password.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginInput {
    #[validate(length(min = 1, max = 60), custom(function = crate::validation::text))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 60, example = "bureau"))]
    pub account: String,
    #[validate(length(min = 1, max = 200))]
    #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 200, format = "password"))]
    pub password: String,
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
    /// True on a deployment filled with demo data: every page says so.
    pub demo: bool,
    /// Today by the service's clock, where the business is.
    pub today: NaiveDate,
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
