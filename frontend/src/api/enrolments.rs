//! Enrolments.

use contract::enrolments::{Enrolment, EnrolmentDetails, EnrolmentInput, EnrolmentKind, EnrolmentQuery, EnrolmentState};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::organisations::ORGANISATIONS;
use super::villages::VILLAGES;
use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

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

impl Editable for Enrolment {
    type Edit = EnrolmentDetails;

    fn edit(&self) -> EnrolmentDetails {
        EnrolmentDetails { places: self.places, note: self.note.clone() }
    }
}

/// Villages that take part.
pub const CONFIRMED_VILLAGES: Source = Source { search: |q| confirmed(q, EnrolmentKind::Village).boxed_local(), ..VILLAGES };

/// Organisations that take part.
pub const CONFIRMED_ORGANISATIONS: Source =
    Source { search: |q| confirmed(q, EnrolmentKind::Organisation).boxed_local(), ..ORGANISATIONS };

/// Whoever takes part in several campaigns is one choice.
async fn confirmed(q: String, kind: EnrolmentKind) -> Result<Vec<Choice>, ApiError> {
    let query = EnrolmentQuery {
        q: text(q),
        kind: Some(kind),
        state: Some(EnrolmentState::Confirmed),
        limit: Some(LIMIT),
        total: Some(false),
        ..Default::default()
    };
    let mut found: Vec<Choice> = Vec::new();
    for enrolment in list(&query).send().await?.items {
        let id = enrolment.organisation_id.map(|id| id.to_string());
        let value = enrolment.village_code.or(id).unwrap_or_default();
        if !found.iter().any(|known| known.value == value) {
            found.push(Choice { value, label: enrolment.name, hint: String::new() });
        }
    }
    Ok(found)
}
