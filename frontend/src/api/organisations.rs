//! Social organisations.

use contract::organisations::{
    Organisation, OrganisationInput, OrganisationKind, OrganisationQuery, OrganisationSummary, Rating,
};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{Call, Editable, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Organisations that fit the filters.
pub fn list(query: &OrganisationQuery) -> Call<Page<OrganisationSummary>> {
    Call::list("/organisations", query)
}

/// One organisation.
pub fn read(id: &str) -> Call<Organisation> {
    Call::get(format!("/organisations/{id}"))
}

/// Enters a new one.
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

/// Social organisations.
pub const ORGANISATIONS: Source = Source {
    search: |q| {
        async move {
            let query = OrganisationQuery { q: text(q), limit: Some(LIMIT), ..Default::default() };
            let page = list(&query).send().await?;
            Ok(page.items.into_iter().map(organisation).collect())
        }
        .boxed_local()
    },
    find: |id| {
        async move {
            let o = read(&id).send().await?;
            Ok(Choice { value: id, label: o.details.name, hint: o.area_name })
        }
        .boxed_local()
    },
};

/// The choice that an organisation is.
pub(super) fn organisation(o: OrganisationSummary) -> Choice {
    Choice { value: o.id.to_string(), label: o.name, hint: o.area_name }
}
