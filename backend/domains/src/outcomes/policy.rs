//! The states of an outcome, and the days on which it can have happened: pure decisions.

use chrono::NaiveDate;
use contract::outcomes::OutcomeState as S;
use contract::{ErrorCode, Role};
use platform::{Error, Result};

use crate::pairings::policy::active_between;
use crate::progress::policy::Facts;

/// The states in which an outcome waits for a role.
pub fn waiting_for(role: Role) -> &'static [S] {
    if matches!(role, Role::Village | Role::Town) { &[S::Recorded] } else { &[] }
}

/// Checks that an outcome can have happened on a day: not in the future, within the campaign, and while the pairing was active.
///
/// # Errors
/// A fault at `/happened_on`, or `pairing_not_active`.
pub fn check_day(facts: &Facts, day: NaiveDate) -> Result<()> {
    if day < facts.campaign_starts_on || day > facts.campaign_ends_on {
        return Err(Error::field("/happened_on", "date_outside_campaign"));
    }
    if day > facts.today {
        return Err(Error::field("/happened_on", "future"));
    }
    if active_between(facts.active_since, facts.ended_on, day, day) { Ok(()) } else { Err(ErrorCode::PairingNotActive.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::CodedEnum;
    use contract::outcomes::OutcomeAction as A;
    use proptest::prelude::*;
    use proptest::sample::select;

    #[test]
    fn an_outcome_happens_through_today_and_through_the_last_day_of_the_campaign_and_of_the_pairing() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let check = |on: &str, today: &str, ended_on: Option<&str>| {
            let facts = Facts {
                today: day(today),
                campaign_starts_on: day("2020-04-15"),
                campaign_ends_on: day("2020-12-31"),
                active_since: Some(day("2020-04-15")),
                ended_on: ended_on.map(day),
            };
            check_day(&facts, day(on)).map_err(|error| error.to_string())
        };
        let fault = |code: &str| Err(format!("ValidationFailed /happened_on={code}"));
        assert_eq!(check("2020-04-14", "2020-06-15", None), fault("date_outside_campaign"));
        assert_eq!(check("2020-04-15", "2020-06-15", None), Ok(()));
        assert_eq!(check("2020-06-14", "2020-06-15", None), Ok(()));
        assert_eq!(check("2020-06-15", "2020-06-15", None), Ok(()));
        assert_eq!(check("2020-06-16", "2020-06-15", None), fault("future"));
        assert_eq!(check("2020-12-31", "2021-01-15", None), Ok(()));
        assert_eq!(check("2021-01-01", "2021-01-15", None), fault("date_outside_campaign"));
        assert_eq!(check("2020-06-10", "2020-06-15", Some("2020-06-10")), Ok(()));
        assert_eq!(check("2020-06-11", "2020-06-15", Some("2020-06-10")), Err("PairingNotActive".to_owned()));
    }

    #[test]
    fn outcomes_wait_for_those_who_received_them_and_their_town() {
        for role in Role::ALL {
            let waits = matches!(role, Role::Village | Role::Town);
            assert_eq!(waiting_for(*role), if waits { &[S::Recorded][..] } else { &[] }, "{role:?}");
        }
    }

    proptest! {
        #[test]
        fn what_counts_was_confirmed_by_village_or_town_and_what_is_over_stays_over(
            state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL)
        ) {
            let step = S::STEPS.find(state, action, role);
            prop_assert_eq!(S::STEPS.allowed(state, role).contains(&action), step.is_ok());
            if let Ok(step) = step {
                prop_assert!(!matches!(state, S::Corrected | S::Withdrawn));
                prop_assert!(step.to != S::Confirmed || matches!(role, Role::Village | Role::Town));
            }
            prop_assert!(waiting_for(role).iter().all(|&state| !S::STEPS.allowed(state, role).is_empty()));
        }
    }
}
