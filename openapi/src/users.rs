//! Accounts of people: who may sign in, in which role, and where they belong.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use validator::ValidationError;

use crate::personal::holds_number;
use crate::{Role, answer, coded_enum, input, list_query};

coded_enum! {
    /// Step of an account.
    pub enum UserAction {
        ResetPassword = "reset_password" / "重置密码" / "Reset password",
        ResetSecondFactor = "reset_second_factor" / "解除两步验证" / "Reset second factor",
        Unlock = "unlock" / "解除锁定" / "Unlock",
        Disable = "disable" / "停用" / "Disable",
        Enable = "enable" / "启用" / "Enable",
    }
}

coded_enum! {
    /// Orders of the list of accounts.
    pub enum UserSort {
        Account = "account" / "账号" / "Account",
        DisplayName = "display_name" / "姓名" / "Name",
        UpdatedAt = "updated_at" / "更新时间" / "Updated",
    }
}

list_query! {
    /// Filters of the list of accounts; `q` searches account and name.
    pub struct UserQuery sorted by UserSort, searched by q {
        pub role: Option<Role>,
        /// Only accounts that belong to this area or inside of it.
        #[limit(area_code)]
        pub within: Option<String>,
        pub organisation_id: Option<Uuid>,
        pub institution_id: Option<Uuid>,
        /// Only accounts that are disabled, or only others.
        pub disabled: Option<bool>,
        /// Only accounts that have to wait after too many failures to sign in, or only others.
        pub locked: Option<bool>,
    }
}

/// Where the accounts of a role belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A county, or what is above it for those who keep several.
    County,
    Town,
    Village,
    /// An organisation, and by it the organisation's area.
    Organisation,
    /// An institution, and by it the institution's area.
    Institution,
}

impl Role {
    /// Whether accounts of this role must have a second factor: they see all families of a county, keep the accounts, or read the audit trail.
    pub fn needs_second_factor(self) -> bool {
        matches!(self, Self::Bureau | Self::Admin | Self::SecurityAdmin | Self::Auditor)
    }

    /// Where accounts of this role belong.
    pub fn place(self) -> Place {
        match self {
            Self::Town => Place::Town,
            Self::Village => Place::Village,
            Self::Organisation => Place::Organisation,
            Self::Institution => Place::Institution,
            Self::Bureau | Self::LeadingGroup | Self::Cadre | Self::Auditor | Self::Admin | Self::SecurityAdmin => Place::County,
        }
    }
}

/// What an account is made of. The password comes from the service.
#[input]
pub struct UserInput {
    /// The name to sign in with: small letters, digits, dot, dash, underscore.
    #[limit(
        self::account_name,
        pattern = r"^[a-z0-9][a-z0-9._-]{1,59}$",
        min_length = 2,
        max_length = 60,
        example = "town-350582104"
    )]
    pub account: String,
    #[limit(1..=60, line)]
    pub display_name: String,
    pub role: Role,
    /// The county, town or village that fits the role; none for an account of an organisation or institution, which belongs where that
    /// does.
    #[serde(default)]
    #[limit(area_code)]
    pub area_code: Option<String>,
    /// The organisation, for an account of one and no other.
    #[serde(default)]
    pub organisation_id: Option<Uuid>,
    /// The institution, for an account of one and no other.
    #[serde(default)]
    pub institution_id: Option<Uuid>,
    /// Why; must be given where somebody else has to confirm it, and is kept with the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(1..=1000, text)]
    pub reason: Option<String>,
}

fn account_name(value: &str) -> Result<(), ValidationError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let shaped = value.bytes().all(|byte| plain(byte) || b"._-".contains(&byte)) && value.bytes().next().is_some_and(plain);
    if !shaped || !(2..=60).contains(&value.len()) {
        return Err(ValidationError::new("account_name"));
    }
    // Colleagues, lists and the audit trail show it, and nobody masks it there.
    if holds_number(value) { Err(ValidationError::new("personal_number")) } else { Ok(()) }
}

/// An account.
#[answer]
pub struct User {
    pub id: Uuid,
    #[limit(..=60)]
    pub account: String,
    #[limit(..=60)]
    pub display_name: String,
    pub role: Role,
    /// Where it belongs; for an account of an organisation or institution the area of that.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    pub organisation_id: Option<Uuid>,
    #[limit(..=100)]
    pub organisation_name: Option<String>,
    pub institution_id: Option<Uuid>,
    #[limit(..=100)]
    pub institution_name: Option<String>,
    /// True for an account that nobody can sign in with.
    pub disabled: bool,
    /// Whether signing in takes a code of the person's authenticator.
    pub second_factor: bool,
    /// Until when one has to wait after too many failures to sign in, at the address where they happened or anywhere; absent
    /// where nobody has to.
    pub locked_until: Option<DateTime<Utc>>,
    /// Until when its one-time password is good; absent where the person has chosen a password.
    pub one_time_until: Option<DateTime<Utc>>,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<UserAction>,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

impl User {
    /// What can be changed, as it stands.
    pub fn input(&self) -> UserInput {
        let belongs = !matches!(self.role.place(), Place::Organisation | Place::Institution);
        UserInput {
            account: self.account.clone(),
            display_name: self.display_name.clone(),
            role: self.role,
            area_code: belongs.then(|| self.area_code.clone()),
            organisation_id: self.organisation_id,
            institution_id: self.institution_id,
            reason: None,
        }
    }
}

/// An account after a step, and the password that the step made.
#[answer]
pub struct UserWithPassword {
    #[serde(flatten)]
    pub user: User,
    /// Good for one sign-in, at which it must be changed. Answered once and kept nowhere: a repeat of the request is answered without it.
    #[limit(..=60)]
    pub one_time_password: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::account_name;

    #[test]
    fn nobody_is_called_by_their_number() {
        for name in ["13800138000", "zhang.13800138000", "138-0013-8000", "350582196503120012"] {
            assert_eq!(account_name(name).unwrap_err().code, "personal_number", "{name}");
        }
        for name in ["town-350582104", "village-350582104206", "org-51350582mj0000018g", "zhang.2020"] {
            assert!(account_name(name).is_ok(), "{name}");
        }
    }
}
