//! Findings of inspections.

use contract::findings::{Finding, FindingDue, FindingInput, FindingQuery, FindingState, Severity};
use contract::inspections::RoundKind;
use contract::projects::ResponsibleSide;
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Findings that fit the filters.
pub fn list(query: &FindingQuery) -> Call<Page<Finding>> {
    Call::list("/findings", query)
}

/// One finding.
pub fn read(id: &str) -> Call<Finding> {
    Call::get(format!("/findings/{id}"))
}

/// Enters a finding.
pub fn create(input: &Value) -> Call<Finding> {
    Call::post("/findings", input)
}

impl Record for Finding {
    type Input = FindingInput;
    const WRITE: Permission = Permission::WriteInspections;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "severity" => Severity::from_code(code).map(|severity| severity.label(lang)),
            "state" => FindingState::from_code(code).map(|state| state.label(lang)),
            "due" => FindingDue::from_code(code).map(|due| due.label(lang)),
            "responsible" => ResponsibleSide::from_code(code).map(|side| side.label(lang)),
            "kind" => RoundKind::from_code(code).map(|kind| kind.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Finding {
    type Edit = FindingInput;

    fn edit(&self) -> FindingInput {
        self.details.clone()
    }
}
