//! Enrolments.

use contract::enrolments::{Enrolment, EnrolmentInput, EnrolmentKind, EnrolmentQuery, EnrolmentState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Record};

/// Enrolments that fit the filters.
pub fn list(query: &EnrolmentQuery) -> Call<Page<Enrolment>> {
    Call::list("/enrolments", query)
}

/// One enrolment.
pub fn read(id: &str) -> Call<Enrolment> {
    Call::get(format!("/enrolments/{id}"))
}

/// Enrols a village or an organisation.
pub fn create(input: &Value) -> Call<Enrolment> {
    Call::post("/enrolments", input)
}

impl Record for Enrolment {
    type Input = EnrolmentInput;
    const WRITE: Permission = Permission::WriteEnrolments;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => EnrolmentKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => EnrolmentState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}
