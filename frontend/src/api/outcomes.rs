//! Outcomes.

use contract::campaigns::Indicator;
use contract::outcomes::{Outcome, OutcomeDetailsInput, OutcomeInput, OutcomeQuery, OutcomeState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Outcomes that fit the filters.
pub fn list(query: &OutcomeQuery) -> Call<Page<Outcome>> {
    Call::list("/outcomes", query)
}

/// One outcome.
pub fn read(id: &str) -> Call<Outcome> {
    Call::get(format!("/outcomes/{id}"))
}

/// Records an outcome.
pub fn create(input: &Value) -> Call<Outcome> {
    Call::post("/outcomes", input)
}

impl Record for Outcome {
    type Input = OutcomeInput;
    const WRITE: Permission = Permission::WriteProgress;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => OutcomeState::from_code(code).map(|state| state.label(lang)),
            "indicator" => Indicator::from_code(code).map(|indicator| indicator.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Outcome {
    type Edit = OutcomeDetailsInput;

    fn edit(&self) -> OutcomeDetailsInput {
        OutcomeDetailsInput {
            progress_update_id: self.progress_update_id,
            project_id: self.project_id,
            indicator: self.indicator,
            quantity: self.quantity,
            happened_on: self.happened_on,
            description: self.description.clone(),
        }
    }
}
