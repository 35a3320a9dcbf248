//! When progress can be written: pure decisions on dates.

use chrono::NaiveDate;
use contract::{ErrorCode, Month};
use platform::{Error, Result};

use crate::campaigns::policy::month_fault;
use crate::pairings::policy::active_between;

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub today: NaiveDate,
    pub campaign_starts_on: NaiveDate,
    pub campaign_ends_on: NaiveDate,
    /// The first and the last day on which the pairing was active.
    pub active_since: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
}

/// Checks that progress of a month can be written: the month has begun and belongs to the campaign, and the pairing was
/// active in it.
///
/// # Errors
/// A fault at `/month`, or `pairing_not_active`.
pub fn check_month(facts: &Facts, month: Month) -> Result<()> {
    if let Some(fault) = month_fault(facts.campaign_starts_on, facts.campaign_ends_on, facts.today, month) {
        return Err(Error::field("/month", fault));
    }
    if active_between(facts.active_since, facts.ended_on, month.first_day(), month.last_day()) {
        Ok(())
    } else {
        Err(ErrorCode::PairingNotActive.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts() -> Facts {
        Facts {
            today: day("2020-08-03"),
            campaign_starts_on: day("2020-04-28"),
            campaign_ends_on: day("2020-12-31"),
            active_since: Some(day("2020-05-20")),
            ended_on: Some(day("2020-07-01")),
        }
    }

    #[test]
    fn a_pairing_that_ended_on_the_first_still_has_that_month() {
        let outcome = |month: &str| check_month(&facts(), month.parse().unwrap()).map_err(|error| error.to_string());
        assert_eq!(outcome("2020-07"), Ok(()));
        assert_eq!(outcome("2020-05"), Ok(()));
        assert_eq!(outcome("2020-04"), Err("PairingNotActive".to_owned()));
        assert_eq!(outcome("2020-08"), Err("PairingNotActive".to_owned()));
        assert_eq!(outcome("2020-09"), Err("ValidationFailed /month=future".to_owned()));
        assert_eq!(outcome("2020-03"), Err("ValidationFailed /month=date_outside_campaign".to_owned()));
        assert_eq!(outcome("2021-01"), Err("ValidationFailed /month=date_outside_campaign".to_owned()));
    }

    proptest! {
        #[test]
        fn what_can_be_written_shares_a_day_with_campaign_and_pairing(
            days in prop::array::uniform5(0i64..900), ended in any::<bool>(), year in 2019i32..2023, number in 1u32..=12
        ) {
            let at = |offset: i64| day("2020-01-01") + chrono::TimeDelta::days(offset);
            let facts = Facts {
                today: at(days[0]),
                campaign_starts_on: at(days[1].min(days[2])),
                campaign_ends_on: at(days[1].max(days[2])),
                active_since: Some(at(days[3].min(days[4]))),
                ended_on: ended.then(|| at(days[3].max(days[4]))),
            };
            let month = Month::new(year, number).unwrap();
            let in_month = |from: NaiveDate, to: NaiveDate| from <= month.last_day() && to >= month.first_day();
            let expected = in_month(facts.campaign_starts_on, facts.campaign_ends_on)
                && month.first_day() <= facts.today
                && in_month(facts.active_since.unwrap(), facts.ended_on.unwrap_or(NaiveDate::MAX));
            prop_assert_eq!(check_month(&facts, month).is_ok(), expected);
        }
    }
}
