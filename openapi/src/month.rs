//! A month of the calendar, written `YYYY-MM`.

use std::fmt::{self, Display};
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Lang;

/// The years that months of business lie in: what is outside is a slip of the keyboard.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

const NAMES: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A month, kept as its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

impl Month {
    /// A month of a year between 1900 and 2199.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).filter(|_| YEARS.contains(&year)).map(Self)
    }

    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// 1 for January.
    pub fn number(self) -> u32 {
        self.0.month()
    }

    /// As people write it: `2020年6月`, `June 2020`.
    pub fn words(self, lang: Lang) -> String {
        match lang {
            Lang::ZhCn => format!("{}年{}月", self.year(), self.number()),
            Lang::En => format!("{} {}", NAMES[self.0.month0() as usize], self.year()),
        }
    }

    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    pub fn last_day(self) -> NaiveDate {
        self.next().0.checked_sub_days(Days::new(1)).unwrap_or(self.0)
    }

    /// This month and all after it.
    pub fn onwards(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |month| Some(month.next()))
    }

    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }

    pub fn previous(self) -> Self {
        Self(self.0.checked_sub_months(Months::new(1)).unwrap_or(self.0))
    }
}

impl Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

/// The text is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMonth;

impl Display for NoMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a month as YYYY-MM")
    }
}

impl std::error::Error for NoMonth {}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('-')
            .filter(|(year, month)| year.len() == 4 && month.len() == 2 && digits(year) && digits(month))
            .and_then(|(year, month)| Self::new(year.parse().ok()?, month.parse().ok()?))
            .ok_or(NoMonth)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl utoipa::__dev::ComposeSchema for Month {
    fn compose(_: Vec<utoipa::openapi::RefOr<utoipa::openapi::Schema>>) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("A month, as `YYYY-MM`."))
            .pattern(Some(r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$"))
            .min_length(Some(7))
            .max_length(Some(7))
            .examples(["2020-06"])
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for Month {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_written_like_a_month_is_one() {
        for wrong in ["2020-6", "2020-13", "2020-00", "202006", "2020-06-01", "1899-12", "2200-01", "+020-06", "２０２０-06", ""]
        {
            assert_eq!(wrong.parse::<Month>(), Err(NoMonth), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_month_comes_back_as_it_went_and_months_follow_each_other(year in 1901i32..2199, number in 1u32..=12) {
            let month = Month::new(year, number).unwrap();
            prop_assert_eq!(month.to_string().parse(), Ok(month));
            prop_assert_eq!(month.next().previous(), month);
            prop_assert_eq!(month.last_day().succ_opt().unwrap(), month.next().first_day());
            prop_assert_eq!(Month::of(month.last_day()), month);
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,10}") {
            let _ = text.parse::<Month>();
        }
    }
}
