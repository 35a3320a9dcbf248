//! Accounts.

use contract::account_requests::{AccountRequestKind, Answered};
use contract::organisations::{OrganisationQuery, OrganisationSummary};
use contract::users::{User, UserInput, UserQuery, UserWithPassword};
use contract::{CodedEnum, Lang, Page, Permission, Role};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Accounts that fit the filters.
pub fn list(query: &UserQuery) -> Call<Page<User>> {
    Call::list("/users", query)
}

/// One account.
pub fn read(id: &str) -> Call<User> {
    Call::get(format!("/users/{id}"))
}

/// Makes one, or asks for it.
pub fn create(input: &Value) -> Call<Answered<UserWithPassword>> {
    Call::post("/users", input)
}

/// Organisations that have or can have accounts.
pub fn organisations(query: &OrganisationQuery) -> Call<Page<OrganisationSummary>> {
    Call::list("/users/organisations", query)
}

impl Record for User {
    type Input = UserInput;
    const WRITE: Permission = Permission::WriteUsers;

    fn path(&self) -> String {
        format!("/users/{}", self.id)
    }

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "role" => Role::from_code(code).map(|role| role.label(lang)),
            // What was asked for, in the history of the account.
            "kind" => AccountRequestKind::from_code(code).map(|kind| kind.label(lang)),
            _ => None,
        }
    }
}

impl Record for UserWithPassword {
    type Input = UserInput;
    const WRITE: Permission = Permission::WriteUsers;

    fn path(&self) -> String {
        self.user.path()
    }

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        User::coded(field, code, lang)
    }
}

impl Editable for User {
    type Edit = UserInput;

    fn edit(&self) -> UserInput {
        self.input()
    }

    fn version(&self) -> i32 {
        self.version
    }
}
