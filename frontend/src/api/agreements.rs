//! Agreements.

use contract::agreements::{Agreement, AgreementInput, AgreementQuery, AgreementState, AgreementSummary};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Agreements that fit the filters.
pub fn list(query: &AgreementQuery) -> Call<Page<AgreementSummary>> {
    Call::list("/agreements", query)
}

/// One agreement.
pub fn read(id: &str) -> Call<Agreement> {
    Call::get(format!("/agreements/{id}"))
}

/// Drafts an agreement.
pub fn create(input: &Value) -> Call<Agreement> {
    Call::post("/agreements", input)
}

impl Record for Agreement {
    type Input = AgreementInput;
    const WRITE: Permission = Permission::WriteAgreements;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => AgreementState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Agreement {
    type Edit = AgreementInput;

    fn edit(&self) -> AgreementInput {
        self.details.clone()
    }
}
