//! What cadres did for institutions, month by month.

use contract::adoptions::{AdoptionUpdate, AdoptionUpdateInput, AdoptionUpdateQuery};
use contract::{Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Updates that fit the filters.
pub fn list(query: &AdoptionUpdateQuery) -> Call<Page<AdoptionUpdate>> {
    Call::list("/adoption-updates", query)
}

/// One update.
pub fn read(id: &str) -> Call<AdoptionUpdate> {
    Call::get(format!("/adoption-updates/{id}"))
}

/// Tells what was done in a month.
pub fn create(input: &Value) -> Call<AdoptionUpdate> {
    Call::post("/adoption-updates", input)
}

impl Record for AdoptionUpdate {
    type Input = AdoptionUpdateInput;
    const WRITE: Permission = Permission::WriteAdoptions;

    fn coded(_: &str, _: &str, _: Lang) -> Option<&'static str> {
        None
    }
}

impl Editable for AdoptionUpdate {
    type Edit = AdoptionUpdateInput;

    fn edit(&self) -> AdoptionUpdateInput {
        self.details.clone()
    }
}
