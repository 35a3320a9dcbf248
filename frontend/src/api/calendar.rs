//! The working calendar.

use contract::calendar::{CalendarDay, CalendarDayInput, CalendarDayKind, CalendarDayQuery};
use contract::{CodedEnum, Lang, Page, Permission};
use serde_json::Value;

use super::{Call, Editable, Record};

/// Days that fit the filters.
pub fn list(query: &CalendarDayQuery) -> Call<Page<CalendarDay>> {
    Call::list("/calendar-days", query)
}

/// The latest day of a year, or of all: whether any is known.
pub fn latest(year: Option<i32>) -> Call<Page<CalendarDay>> {
    list(&CalendarDayQuery { year, limit: Some(1), total: Some(false), ..Default::default() })
}

/// One day.
pub fn read(id: &str) -> Call<CalendarDay> {
    Call::get(format!("/calendar-days/{id}"))
}

/// Enters a day.
pub fn create(input: &Value) -> Call<CalendarDay> {
    Call::post("/calendar-days", input)
}

impl Record for CalendarDay {
    type Input = CalendarDayInput;
    const WRITE: Permission = Permission::WriteCalendar;

    fn coded(field: &str, code: &str, lang: Lang) -> Option<&'static str> {
        match field {
            "kind" => CalendarDayKind::from_code(code).map(|kind| kind.label(lang)),
            _ => None,
        }
    }
}

impl Editable for CalendarDay {
    type Edit = CalendarDayInput;

    fn edit(&self) -> CalendarDayInput {
        self.details.clone()
    }
}
