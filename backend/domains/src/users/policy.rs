//! Which areas fit an account, and which steps it allows.

use chrono::TimeDelta;
use contract::users::{Place, UserAction};

/// How long a one-time password is valid: somebody who gets it on a Friday still has the next week.
pub const ONE_TIME: TimeDelta = TimeDelta::days(7);

/// Whether an area has the level that a place needs. An account above the county manages several counties.
pub fn fits(place: Place, area_code: &str) -> bool {
    match place {
        Place::County => area_code.len() <= 6,
        Place::Town => area_code.len() == 9,
        Place::Village => area_code.len() == 12,
        Place::Organisation | Place::Institution => true,
    }
}

/// The steps for an account that is not the caller's own. One of an organisation that has ended cannot be enabled.
pub fn allowed(disabled: bool, ended: bool, locked: bool, second_factor: bool) -> Vec<UserAction> {
    let mut actions = vec![UserAction::ResetPassword];
    if second_factor {
        actions.push(UserAction::ResetSecondFactor);
    }
    if locked {
        actions.push(UserAction::Unlock);
    }
    if !disabled {
        actions.push(UserAction::Disable);
    } else if !ended {
        actions.push(UserAction::Enable);
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{CodedEnum, Role};

    #[test]
    fn an_account_is_disabled_or_enabled_unlocked_where_it_is_locked_and_its_factor_taken_where_it_has_one() {
        use UserAction::{Disable, Enable, ResetPassword, ResetSecondFactor, Unlock};
        assert_eq!(allowed(false, false, false, false), [ResetPassword, Disable]);
        assert_eq!(allowed(true, false, false, false), [ResetPassword, Enable]);
        assert_eq!(allowed(true, true, false, false), [ResetPassword]);
        assert_eq!(allowed(false, false, true, false), [ResetPassword, Unlock, Disable]);
        assert_eq!(allowed(false, false, false, true), [ResetPassword, ResetSecondFactor, Disable]);
        assert_eq!(allowed(true, false, true, true), [ResetPassword, ResetSecondFactor, Unlock, Enable]);
    }

    #[test]
    fn a_place_takes_areas_of_its_level_alone() {
        let levels = ["35", "3505", "350582", "350582104", "350582104206"];
        let fitting = |role: Role| levels.iter().filter(|code| fits(role.place(), code)).count();
        for role in Role::ALL {
            let expected = match role {
                Role::Town | Role::Village => 1,
                Role::Organisation | Role::Institution => 5,
                _ => 3,
            };
            assert_eq!(fitting(*role), expected, "{role:?}");
        }
        assert!(!fits(Place::Town, "350582") && !fits(Place::Village, "350582104") && !fits(Place::County, "350582104"));
    }
}
