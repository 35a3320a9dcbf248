//! Needs and offers.

use contract::campaigns::Goal;
use contract::catalogue::{
    CatalogueEntry, CatalogueEntryInput, CatalogueEntryQuery, CatalogueEntryState, CatalogueSide, EntryCommitments, SupplyKind,
    Urgency,
};
use contract::households::Group;
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Page, Permission};
use futures::FutureExt;
use serde_json::Value;
use uuid::Uuid;

use super::{ApiError, Call, Editable, Record};
use crate::components::picker::{Answer, Choice, LIMIT, text};

/// Entries that fit the filters.
pub fn list(query: &CatalogueEntryQuery) -> Call<Page<CatalogueEntry>> {
    Call::list("/catalogue-entries", query)
}

/// One entry.
pub fn read(id: &str) -> Call<CatalogueEntry> {
    Call::get(format!("/catalogue-entries/{id}"))
}

/// Who takes what of an entry.
pub fn commitments(id: Uuid) -> Call<EntryCommitments> {
    Call::get(format!("/catalogue-entries/{id}/commitments"))
}

/// Drafts an entry.
pub fn create(input: &Value) -> Call<CatalogueEntry> {
    Call::post("/catalogue-entries", input)
}

impl Record for CatalogueEntry {
    type Input = CatalogueEntryInput;
    const WRITE: Permission = Permission::WriteCatalogue;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "side" => CatalogueSide::from_code(code).map(|side| side.label(lang)),
            "state" => CatalogueEntryState::from_code(code).map(|state| state.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            "industry" => Industry::from_code(code).map(|industry| industry.label(lang)),
            "kind" => SupplyKind::from_code(code).map(|kind| kind.label(lang)),
            "for_group" => Group::from_code(code).map(|group| group.label(lang)),
            "urgency" => Urgency::from_code(code).map(|urgency| urgency.label(lang)),
            _ => None,
        }
    }
}

impl Editable for CatalogueEntry {
    type Edit = CatalogueEntryInput;

    fn edit(&self) -> CatalogueEntryInput {
        self.details.clone()
    }
}

/// The published entries of which something remains, each with its village or organisation. `which` says whose they are.
pub async fn open_entries(q: String, which: CatalogueEntryQuery) -> Result<Vec<Choice>, ApiError> {
    let query = CatalogueEntryQuery {
        q: text(q),
        state: Some(CatalogueEntryState::Published),
        limit: Some(LIMIT),
        total: Some(false),
        ..which
    };
    Ok(list(&query).send().await?.items.into_iter().map(entry).collect())
}

/// The choice for an entry.
pub fn find(id: String) -> Answer<Choice> {
    async move { read(&id).send().await.map(entry) }.boxed_local()
}

fn entry(entry: CatalogueEntry) -> Choice {
    let hint = format!("{} · {} {}", entry.name, entry.remaining, entry.details.quantity_unit);
    Choice { value: entry.id.to_string(), label: entry.details.title, hint }
}
