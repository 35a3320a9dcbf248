//! The working calendar: public holidays (放假), and days at weekends that are worked instead (调休上班). The State Council announces
//! them year by year. Due days move by it, where a campaign's `report_day_rule` says so.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use uuid::Uuid;

use crate::{answer, coded_enum, input, list_query};

coded_enum! {
    /// What a day is, whatever its weekday says.
    pub enum CalendarDayKind {
        DayOff = "day_off" / "放假" / "Day off",
        Workday = "workday" / "上班" / "Working day",
    }
}

coded_enum! {
    /// Orders of the list of days.
    pub enum CalendarDaySort {
        Day = "day" / "日期" / "Day",
    }
}

list_query! {
    /// Filters of the list of days.
    pub struct CalendarDayQuery sorted by CalendarDaySort, latest first {
        #[limit(1900..=2199)]
        pub year: Option<i32>,
        pub kind: Option<CalendarDayKind>,
    }
}

/// What is written of a day.
#[input]
pub struct CalendarDayInput {
    #[limit(date)]
    pub day: NaiveDate,
    pub kind: CalendarDayKind,
    /// The holiday that it belongs to.
    #[limit(1..=60, line, example = "国庆节")]
    pub name: String,
}

/// A day that is not what its weekday says, or that the State Council's notice names. A day that was entered by mistake is changed to
/// what it is; none is removed.
#[answer]
pub struct CalendarDay {
    pub id: Uuid,
    #[serde(flatten)]
    pub details: CalendarDayInput,
    /// True where the caller may change it.
    pub editable: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// The days that are known, to reckon with. A day that is not among them is what its weekday says.
#[derive(Clone, Debug, Default)]
pub struct WorkCalendar(BTreeMap<NaiveDate, CalendarDayKind>);

impl WorkCalendar {
    /// Whether people work on a day.
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        self.0.get(&day).map_or_else(|| !is_weekend(day), |&kind| kind == CalendarDayKind::Workday)
    }

    /// The day itself, or the first one after it on which people work.
    pub fn workday_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_workday(*day)).unwrap_or(day)
    }
}

impl FromIterator<(NaiveDate, CalendarDayKind)> for WorkCalendar {
    fn from_iter<I: IntoIterator<Item = (NaiveDate, CalendarDayKind)>>(days: I) -> Self {
        Self(days.into_iter().collect())
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
