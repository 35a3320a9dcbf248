//! Which month the dashboard looks back on: a pure decision.

use chrono::NaiveDate;
use contract::Month;

/// The last month of a campaign that is over.
pub fn last_month(starts_on: NaiveDate, ends_on: NaiveDate, today: NaiveDate) -> Option<Month> {
    let last = Month::of(today).previous().min(Month::of(ends_on));
    (last >= Month::of(starts_on)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn it_looks_back_on_the_month_before_and_at_the_end_on_the_last() {
        let on = |today| last_month(day("2020-04-28"), day("2020-12-31"), day(today)).map(|month| month.to_string());
        assert_eq!(on("2020-04-30"), None);
        assert_eq!(on("2020-05-01").as_deref(), Some("2020-04"));
        assert_eq!(on("2020-11-03").as_deref(), Some("2020-10"));
        assert_eq!(on("2021-06-01").as_deref(), Some("2020-12"));
    }

    proptest! {
        #[test]
        fn the_month_is_over_and_one_of_the_campaign_s(start in 0i64..900, length in 0i64..900, today in 0i64..1800) {
            let at = |offset: i64| day("2020-01-01") + chrono::TimeDelta::days(offset);
            if let Some(month) = last_month(at(start), at(start + length), at(today)) {
                prop_assert!(month.last_day() < at(today));
                prop_assert!(month.last_day() >= at(start) && month.first_day() <= at(start + length));
            }
        }
    }
}
