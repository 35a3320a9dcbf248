//! Adoptions: cadres who stand by institutions, and a cadre's year.

use contract::adoptions::{
    Adoption, AdoptionInput, AdoptionProposer, AdoptionQuery, AdoptionState, Cadre, CadreQuery, CadreYear, CadreYearQuery,
};
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;

use super::{ApiError, Call, Record};
use crate::components::picker::{Choice, LIMIT, Source, text};

/// Adoptions that fit the filters.
pub fn list(query: &AdoptionQuery) -> Call<Page<Adoption>> {
    Call::list("/adoptions", query)
}

/// One adoption.
pub fn read(id: &str) -> Call<Adoption> {
    Call::get(format!("/adoptions/{id}"))
}

/// Proposes an adoption.
pub fn create(input: &Value) -> Call<Adoption> {
    Call::post("/adoptions", input)
}

/// A cadre's year.
pub fn year(query: &CadreYearQuery) -> Call<CadreYear> {
    Call::list("/adoptions/year", query)
}

fn cadres(query: &CadreQuery) -> Call<Page<Cadre>> {
    Call::list("/adoptions/cadres", query)
}

impl Record for Adoption {
    type Input = AdoptionInput;
    const WRITE: Permission = Permission::WriteAdoptions;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => AdoptionState::from_code(code).map(|state| state.label(lang)),
            "proposed_by" => AdoptionProposer::from_code(code).map(|by| by.label(lang)),
            _ => None,
        }
    }
}

/// Adoptions, for filters.
pub const ADOPTIONS: Source = Source {
    search: |q| search(AdoptionQuery { q: text(q), ..Default::default() }).boxed_local(),
    find: |id| async move { read(&id).send().await.map(adoption) }.boxed_local(),
};

/// Active adoptions, of which something is told.
pub const ACTIVE_ADOPTIONS: Source = Source {
    search: |q| search(AdoptionQuery { q: text(q), state: Some(AdoptionState::Active), ..Default::default() }).boxed_local(),
    ..ADOPTIONS
};

async fn search(query: AdoptionQuery) -> Result<Vec<Choice>, ApiError> {
    let query = AdoptionQuery { limit: Some(LIMIT), total: Some(false), ..query };
    let page = list(&query).send().await?;
    Ok(page.items.into_iter().map(adoption).collect())
}

fn adoption(adoption: Adoption) -> Choice {
    Choice {
        value: adoption.id.to_string(),
        label: format!("{} · {}", adoption.institution_name, adoption.cadre_name),
        hint: adoption.area_name,
    }
}

/// Cadres, who are found by whoever may propose to them.
pub const CADRES: Source = Source {
    search: |q| {
        async move {
            let query = CadreQuery { q: text(q), limit: Some(LIMIT), total: Some(false), ..Default::default() };
            Ok(cadres(&query).send().await?.items.into_iter().map(cadre).collect())
        }
        .boxed_local()
    },
    find: |id| found(id).boxed_local(),
};

fn cadre(cadre: Cadre) -> Choice {
    Choice { value: cadre.id.to_string(), label: cadre.display_name, hint: String::new() }
}

/// A cadre through one of their adoptions, which everybody who looks at cadres may read; one without any among those who can be
/// proposed to.
async fn found(id: String) -> Result<Choice, ApiError> {
    let query = AdoptionQuery { cadre_id: id.parse().ok(), limit: Some(1), total: Some(false), ..Default::default() };
    if let Some(adoption) = list(&query).send().await?.items.pop() {
        return Ok(Choice { value: id, label: adoption.cadre_name, hint: String::new() });
    }
    let all = cadres(&CadreQuery { limit: Some(200), total: Some(false), ..Default::default() }).send().await?.items;
    all.into_iter().map(cadre).find(|choice| choice.value == id).ok_or(ApiError::Network)
}
