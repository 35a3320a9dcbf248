//! The states of an enrolment.

use chrono::NaiveDate;
use contract::Role;
use contract::enrolments::EnrolmentState as S;

/// The states in which an enrolment waits for a role.
pub fn waiting_for(role: Role) -> &'static [S] {
    if role == Role::Bureau { &[S::Applied, S::Nominated] } else { &[] }
}

/// The first state of an enrolment: an application of the village or organisation itself, or a nomination by the town or the
/// bureau.
pub fn first_state(role: Role) -> S {
    match role {
        Role::Village | Role::Organisation => S::Applied,
        _ => S::Nominated,
    }
}

/// Whether a role changes how many pairs an enrolment can take on: its own side and its town until the deadline of the rankings, which
/// counts, and the bureau as long as it takes part.
pub fn editable(state: S, role: Role, due_on: NaiveDate, today: NaiveDate) -> bool {
    matches!(state, S::Applied | S::Nominated | S::Confirmed) && (role == Role::Bureau || today <= due_on)
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use contract::enrolments::EnrolmentAction as A;

    use super::*;

    #[test]
    fn whoever_enters_applies_and_whoever_enters_another_nominates() {
        let applies: Vec<_> = Role::ALL.iter().filter(|role| first_state(**role) == S::Applied).collect();
        assert_eq!(applies, [&Role::Village, &Role::Organisation]);
        assert_eq!((first_state(Role::Town), first_state(Role::Bureau)), (S::Nominated, S::Nominated));
    }

    #[test]
    fn places_are_said_until_the_deadline_and_then_by_the_bureau() {
        let due: NaiveDate = "2020-05-24".parse().unwrap();
        let after = due.succ_opt().unwrap();
        for state in S::ALL {
            let takes_part = matches!(state, S::Applied | S::Nominated | S::Confirmed);
            for role in [Role::Bureau, Role::Town, Role::Village, Role::Organisation] {
                assert_eq!(editable(*state, role, due, due), takes_part, "{state:?} {role:?}");
                assert_eq!(editable(*state, role, due, after), takes_part && role == Role::Bureau, "{state:?} {role:?}");
            }
        }
    }

    #[test]
    fn the_bureau_decides_what_waits_for_it_and_the_others_may_leave() {
        for state in S::ALL {
            let waits = matches!(state, S::Applied | S::Nominated);
            for role in Role::ALL {
                assert_eq!(waiting_for(*role).contains(state), waits && *role == Role::Bureau, "{state:?} {role:?}");
                let expected = match role {
                    Role::Bureau if waits => vec![A::Confirm, A::Decline],
                    Role::Village | Role::Organisation | Role::Town if waits || *state == S::Confirmed => vec![A::Withdraw],
                    _ => vec![],
                };
                assert_eq!(S::STEPS.allowed(*state, *role), expected, "{state:?} {role:?}");
            }
        }
    }
}
