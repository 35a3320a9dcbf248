//! Accounts.

use contract::account_requests::{AccountRequestKind, Answered};
use contract::institutions::{Institution, InstitutionQuery, InstitutionState};
use contract::organisations::{OrganisationQuery, OrganisationState, OrganisationSummary};
use contract::users::{User, UserInput, UserQuery, UserWithPassword};
use contract::{CodedEnum, Lang, Page, Permission, Role};
use futures::FutureExt;
use serde_json::Value;

use super::institutions::institution;
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

/// Institutions that have or can have accounts.
pub fn institutions(query: &InstitutionQuery) -> Call<Page<Institution>> {
    Call::list("/users/institutions", query)
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
            let query = UserQuery { organisation_id: id.parse().ok(), ..Default::default() };
            found_through(query, id, |user| user.organisation_name.clone()).await
        }
        .boxed_local()
    },
};

/// Active organisations, for new accounts.
pub const EXISTING_USER_ORGANISATIONS: Source =
    Source { search: |q| search_organisations(q, &[OrganisationState::Active]).boxed_local(), ..USER_ORGANISATIONS };

/// Institutions, for those who manage accounts: for filters also those that have closed, behind the others.
pub const USER_INSTITUTIONS: Source = Source {
    search: |q| search_institutions(q, InstitutionState::ALL).boxed_local(),
    find: |id| {
        async move {
            let query = UserQuery { institution_id: id.parse().ok(), ..Default::default() };
            found_through(query, id, |user| user.institution_name.clone()).await
        }
        .boxed_local()
    },
};

/// Institutions that exist, for new accounts.
pub const OPEN_USER_INSTITUTIONS: Source =
    Source { search: |q| search_institutions(q, &[InstitutionState::Open]).boxed_local(), ..USER_INSTITUTIONS };

/// An organisation or institution, through one of its accounts: those who manage accounts may not read it itself.
async fn found_through(query: UserQuery, value: String, name: fn(&User) -> Option<String>) -> Result<Choice, ApiError> {
    let query = UserQuery { limit: Some(1), total: Some(false), ..query };
    let user = list(&query).send().await?.items.pop().ok_or(ApiError::Network)?;
    Ok(Choice { value, label: name(&user).unwrap_or_default(), hint: user.area_name })
}

async fn search_organisations(q: String, states: &[OrganisationState]) -> Result<Vec<Choice>, ApiError> {
    picker::of_each(states, async |state| {
        let (q, state) = (text(q.clone()), Some(state));
        let query = OrganisationQuery { q, state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
        let page = organisations(&query).send().await?;
        Ok(page.items.into_iter().map(organisation).collect())
    })
    .await
}

async fn search_institutions(q: String, states: &[InstitutionState]) -> Result<Vec<Choice>, ApiError> {
    picker::of_each(states, async |state| {
        let (q, state) = (text(q.clone()), Some(state));
        let query = InstitutionQuery { q, state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
        let page = institutions(&query).send().await?;
        Ok(page.items.into_iter().map(institution).collect())
    })
    .await
}
