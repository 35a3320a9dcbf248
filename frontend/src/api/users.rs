//! Accounts.

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

/// Makes one.
pub fn create(input: &Value) -> Call<UserWithPassword> {
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
        (field == "role").then(|| Role::from_code(code)).flatten().map(|role| role.label(lang))
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
