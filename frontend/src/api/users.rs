//! Accounts.

use contract::account_requests::{AccountRequestKind, Answered};
use contract::organisations::{OrganisationQuery, OrganisationState, OrganisationSummary};
use contract::users::{User, UserInput, UserQuery, UserWithPassword};
use contract::{CodedEnum, Lang, Page, Permission, Role};
use futures::FutureExt;
use serde_json::Value;

use super::organisations::organisation;
use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{self, Choice, LIMIT, Source, text};

/// Accounts that fit the filters.
pub fn list(query: &UserQuery) -> Call<Page<User>> {
    Call::list("/users", query)
}

/// One account.
pub fn read(id: &str) -> Call<User> {
    Call::get(format!("/users/{id}"))
}

/// Creates an account, or requests one.
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

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "role" => Role::from_code(code).map(|role| role.label(lang)),
            // What was requested, in the account's history.
            "kind" => AccountRequestKind::from_code(code).map(|kind| kind.label(lang)),
            _ => None,
        }
    }
}

impl Record for UserWithPassword {
    type Input = UserInput;
    const WRITE: Permission = Permission::WriteUsers;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        User::coded(field, code, lang)
    }
}

impl Editable for User {
    type Edit = UserInput;

    fn edit(&self) -> UserInput {
        self.input()
    }
}

/// Social organisations, for those who manage accounts: for filters also those that have ended, behind the others.
pub const USER_ORGANISATIONS: Source = Source {
    search: |q| search_organisations(q, OrganisationState::ALL).boxed_local(),
    find: |id| {
        async move {
            // Found through one of its accounts, since those who manage accounts may not read organisations.
            let query = UserQuery { organisation_id: id.parse().ok(), limit: Some(1), total: Some(false), ..Default::default() };
            let user = list(&query).send().await?.items.pop();
            let choice =
                |user: User| Choice { value: id, label: user.organisation_name.unwrap_or_default(), hint: user.area_name };
            user.map(choice).ok_or(ApiError::Network)
        }
        .boxed_local()
    },
};

/// Active organisations, for new accounts.
pub const EXISTING_USER_ORGANISATIONS: Source =
    Source { search: |q| search_organisations(q, &[OrganisationState::Active]).boxed_local(), ..USER_ORGANISATIONS };

async fn search_organisations(q: String, states: &[OrganisationState]) -> Result<Vec<Choice>, ApiError> {
    picker::of_each(states, async |state| {
        let (q, state) = (text(q.clone()), Some(state));
        let query = OrganisationQuery { q, state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
        let page = organisations(&query).send().await?;
        Ok(page.items.into_iter().map(organisation).collect())
    })
    .await
}
