//! Records of help for institutions.

use contract::adoptions::{HelpInput, HelpKind, HelpQuery, HelpRecord, HelpState};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Records that fit the filters.
pub fn list(query: &HelpQuery) -> Call<Page<HelpRecord>> {
    Call::list("/help-records", query)
}

/// One record.
pub fn read(id: &str) -> Call<HelpRecord> {
    Call::get(format!("/help-records/{id}"))
}

/// Records help.
pub fn create(input: &Value) -> Call<HelpRecord> {
    Call::post("/help-records", input)
}

impl Record for HelpRecord {
    type Input = HelpInput;
    const WRITE: Permission = Permission::WriteAdoptions;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => HelpKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => HelpState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for HelpRecord {
    type Edit = HelpInput;

    fn edit(&self) -> HelpInput {
        self.details.clone()
    }
}
