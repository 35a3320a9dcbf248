//! Assistance records.

use contract::assistance::{AidKind, AssistanceRecord, RecordDetailsInput, RecordInput, RecordQuery, RecordState};
use contract::campaigns::Goal;
use contract::{CodedEnum, Lang, Page, Permission, Role};
use serde_json::Value;

use super::{Call, Editable, Record};
use crate::i18n::texts;

/// Records that fit the filters.
pub fn list(query: &RecordQuery) -> Call<Page<AssistanceRecord>> {
    Call::list("/assistance-records", query)
}

/// One record.
pub fn read(id: &str) -> Call<AssistanceRecord> {
    Call::get(format!("/assistance-records/{id}"))
}

/// Creates a record.
pub fn create(input: &Value) -> Call<AssistanceRecord> {
    Call::post("/assistance-records", input)
}

impl Record for AssistanceRecord {
    type Input = RecordInput;
    const WRITE: Permission = Permission::WriteAssistance;
    const PRIVATE: bool = true;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "state" => RecordState::from_code(code).map(|state| state.label(lang)),
            "kind" => AidKind::from_code(code).map(|kind| kind.label(lang)),
            "goal" => Goal::from_code(code).map(|goal| goal.label(lang)),
            "recorded_by" => Role::from_code(code).map(|role| role.label(lang)),
            // The history stores free text as a digest.
            "description" | "goods" => Some(texts::households::DIGEST.get()),
            _ => None,
        }
    }
}

impl Editable for AssistanceRecord {
    type Edit = RecordDetailsInput;

    fn edit(&self) -> RecordDetailsInput {
        RecordDetailsInput {
            member_id: self.member_id,
            measure_id: self.measure_id,
            entry_id: self.entry_id,
            entry_quantity: self.entry_quantity,
            kind: self.kind,
            happened_on: self.happened_on,
            amount_fen: self.amount_fen,
            goods: self.goods.clone(),
            description: self.description.clone(),
            not_a_double: false,
        }
    }
}
