//! Enrolments.

use std::sync::Arc;

use contract::enrolments::{Enrolment, EnrolmentDetails, EnrolmentInput, EnrolmentKind, EnrolmentQuery, EnrolmentState};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use leptos::prelude::untrack;
use serde_json::Value;
use uuid::Uuid;

use super::organisations::ORGANISATIONS;
use super::villages::VILLAGES;
use super::{ApiError, Call, Editable, Record};
use crate::components::form::Form;
use crate::components::picker::{Choice, LIMIT, Search, Source, text};

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
pub const CONFIRMED_VILLAGES: Source =
    Source { search: |q| confirmed(q, EnrolmentKind::Village, None).boxed_local(), ..VILLAGES };

/// Organisations that take part.
pub const CONFIRMED_ORGANISATIONS: Source =
    Source { search: |q| confirmed(q, EnrolmentKind::Organisation, None).boxed_local(), ..ORGANISATIONS };

/// Those who take part in the campaign that a form names.
pub fn confirmed_in(form: Form, kind: EnrolmentKind) -> Search {
    Arc::new(move |q| {
        let campaign = untrack(|| form.get("/campaign_id").as_str().and_then(|id| id.parse().ok()));
        confirmed(q, kind, campaign).boxed_local()
    })
}

/// Whoever takes part in several campaigns is one choice.
async fn confirmed(q: String, kind: EnrolmentKind, campaign_id: Option<Uuid>) -> Result<Vec<Choice>, ApiError> {
    let query = EnrolmentQuery {
        q: text(q),
        campaign_id,
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
