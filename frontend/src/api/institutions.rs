//! Civil-affairs service institutions.

use contract::institutions::{Institution, InstitutionInput, InstitutionKind, InstitutionQuery, InstitutionState};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Institutions that fit the filters.
pub fn list(query: &InstitutionQuery) -> Call<Page<Institution>> {
    Call::list("/institutions", query)
}

/// One institution.
pub fn read(id: &str) -> Call<Institution> {
    Call::get(format!("/institutions/{id}"))
}

/// Creates an institution.
pub fn create(input: &Value) -> Call<Institution> {
    Call::post("/institutions", input)
}

impl Record for Institution {
    type Input = InstitutionInput;
    const WRITE: Permission = Permission::WriteInstitutions;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => InstitutionKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => InstitutionState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Institution {
    type Edit = InstitutionInput;

    fn edit(&self) -> InstitutionInput {
        self.details.clone()
    }
}

/// Institutions for filters, including those that have closed.
pub const INSTITUTIONS: Source = Source {
    search: |q| search(q, None).boxed_local(),
    find: |id| async move { read(&id).send().await.map(institution) }.boxed_local(),
};

/// Institutions that exist, for new objects.
pub const OPEN_INSTITUTIONS: Source =
    Source { search: |q| search(q, Some(InstitutionState::Open)).boxed_local(), ..INSTITUTIONS };

async fn search(q: String, state: Option<InstitutionState>) -> Result<Vec<Choice>, ApiError> {
    let query = InstitutionQuery { q: text(q), state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
    let page = list(&query).send().await?;
    Ok(page.items.into_iter().map(institution).collect())
}

/// An institution as a choice.
pub(super) fn institution(institution: Institution) -> Choice {
    Choice { value: institution.id.to_string(), label: institution.details.name, hint: institution.area_name }
}
