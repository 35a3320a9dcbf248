//! Social organisations.

use contract::organisations::{
    Organisation, OrganisationInput, OrganisationKind, OrganisationQuery, OrganisationState, OrganisationSummary, Rating,
};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Organisations that fit the filters.
pub fn list(query: &OrganisationQuery) -> Call<Page<OrganisationSummary>> {
    Call::list("/organisations", query)
}

/// One organisation.
pub fn read(id: &str) -> Call<Organisation> {
    Call::get(format!("/organisations/{id}"))
}

/// Creates an organisation.
pub fn create(input: &Value) -> Call<Organisation> {
    Call::post("/organisations", input)
}

impl Record for Organisation {
    type Input = OrganisationInput;
    const WRITE: Permission = Permission::WriteOrganisations;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => OrganisationKind::from_code(code).map(|kind| kind.label(lang)),
            "rating" => Rating::from_code(code).map(|rating| rating.label(lang)),
            "state" => OrganisationState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Organisation {
    type Edit = OrganisationInput;

    fn edit(&self) -> OrganisationInput {
        self.details.clone()
    }
}

/// Social organisations for filters, including those that have ended.
pub const ORGANISATIONS: Source = Source { search: |q| search(q, None).boxed_local(), find: |id| find(id).boxed_local() };

/// Active organisations, for new objects.
pub const EXISTING_ORGANISATIONS: Source =
    Source { search: |q| search(q, Some(OrganisationState::Active)).boxed_local(), ..ORGANISATIONS };

async fn search(q: String, state: Option<OrganisationState>) -> Result<Vec<Choice>, ApiError> {
    let query = OrganisationQuery { q: text(q), state, limit: Some(LIMIT), total: Some(false), ..Default::default() };
    let page = list(&query).send().await?;
    Ok(page.items.into_iter().map(organisation).collect())
}

async fn find(id: String) -> Result<Choice, ApiError> {
    let o = read(&id).send().await?;
    Ok(Choice { value: id, label: o.details.name, hint: o.area_name })
}

/// An organisation as a choice. Its former names show why the search found it.
pub(super) fn organisation(o: OrganisationSummary) -> Choice {
    let hint = Some(o.area_name).into_iter().chain(o.former_names).collect::<Vec<_>>().join("、");
    Choice { value: o.id.to_string(), label: o.name, hint }
}
