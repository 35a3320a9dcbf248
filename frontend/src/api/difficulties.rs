//! Difficulties of institutions.

use contract::adoptions::{Difficulty, DifficultyInput, DifficultyQuery, DifficultyState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Difficulties that fit the filters.
pub fn list(query: &DifficultyQuery) -> Call<Page<Difficulty>> {
    Call::list("/difficulties", query)
}

/// One difficulty.
pub fn read(id: &str) -> Call<Difficulty> {
    Call::get(format!("/difficulties/{id}"))
}

/// Tells of a difficulty.
pub fn create(input: &Value) -> Call<Difficulty> {
    Call::post("/difficulties", input)
}

impl Record for Difficulty {
    type Input = DifficultyInput;
    const WRITE: Permission = Permission::WriteAdoptions;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => DifficultyState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Difficulty {
    type Edit = DifficultyInput;

    fn edit(&self) -> DifficultyInput {
        self.details.clone()
    }
}
