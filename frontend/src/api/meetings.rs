//! Meetings.

use contract::meetings::{Meeting, MeetingInput, MeetingKind, MeetingQuery, MeetingState, MeetingSummary};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Meetings that fit the filters.
pub fn list(query: &MeetingQuery) -> Call<Page<MeetingSummary>> {
    Call::list("/meetings", query)
}

/// One meeting.
pub fn read(id: &str) -> Call<Meeting> {
    Call::get(format!("/meetings/{id}"))
}

/// Plans a meeting.
pub fn create(input: &Value) -> Call<Meeting> {
    Call::post("/meetings", input)
}

impl Record for Meeting {
    type Input = MeetingInput;
    const WRITE: Permission = Permission::WriteMeetings;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => MeetingKind::from_code(code).map(|kind| kind.label(lang)),
            "state" => MeetingState::from_code(code).map(|state| state.label(lang)),
            _ => None,
        }
    }
}

impl Editable for Meeting {
    type Edit = MeetingInput;

    fn edit(&self) -> MeetingInput {
        self.details.clone()
    }
}
