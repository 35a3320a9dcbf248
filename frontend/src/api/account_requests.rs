//! Requests for accounts.

use contract::account_requests::{AccountRequest, AccountRequestKind, AccountRequestQuery, AccountRequestState, Answered};
use contract::users::UserInput;
use contract::workflow::StepInput;
use contract::{CodedEnum, Lang, Page, Permission, Role};

use super::{Call, Record};
use crate::i18n::{Text, texts};

/// Requests that fit the filters.
pub fn list(query: &AccountRequestQuery) -> Call<Page<AccountRequest>> {
    Call::list("/account-requests", query)
}

/// One request.
pub fn read(id: &str) -> Call<AccountRequest> {
    Call::get(format!("/account-requests/{id}"))
}

/// The label of a coded field of a request.
fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
    match field {
        "kind" => AccountRequestKind::from_code(code).map(|kind| kind.label(lang)),
        "state" => AccountRequestState::from_code(code).map(|state| state.label(lang)),
        "role" | "old_role" => Role::from_code(code).map(|role| role.label(lang)),
        _ => None,
    }
}

impl Record for AccountRequest {
    type Input = StepInput;
    const WRITE: Permission = Permission::DecideAccounts;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        coded(field, code, lang)
    }
}

/// Saving an account's form returns either the account or a request that somebody else has to confirm.
impl<T: Record<Input = UserInput>> Record for Answered<T> {
    type Input = UserInput;
    const WRITE: Permission = Permission::WriteUsers;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        T::coded(field, code, lang)
    }

    fn told(&self) -> Text {
        match self {
            Self::Asked(_) => texts::account_requests::ASKED,
            Self::Done(done) => done.told(),
        }
    }
}
