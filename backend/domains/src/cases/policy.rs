//! Who changes a case when, and what publishing asks for: pure decisions.

use contract::Role;
use contract::cases::{CaseAction as A, CaseState as S, CaseStepInput, NOMINATORS, PeopleShown};
use contract::workflow::{Step, StepInput};
use platform::{Error, Result, workflow};

/// Whether a role that keeps a case may change it. What is published changes for nobody: it is taken down first.
pub fn editable(state: S, role: Role) -> bool {
    match state {
        S::Nominated | S::Returned => NOMINATORS.contains(&role),
        S::Selected | S::Unpublished => role == Role::Bureau,
        S::Published => false,
    }
}

/// Decides about a step, and what is confirmed of the people whom the case shows.
///
/// # Errors
/// `forbidden`, `illegal_step`, a fault at `/note` or `/people_shown`.
pub fn decide(state: S, action: A, role: Role, input: &CaseStepInput) -> Result<(&'static Step<S, A>, Option<PeopleShown>)> {
    let remarks = StepInput { note: input.note.clone(), on_behalf_reason: None };
    let step = workflow::step(S::STEPS, state, action, role, &remarks)?;
    match (action, input.people_shown) {
        (A::Publish, None) => Err(Error::field("/people_shown", "required")),
        (A::Publish, shown) => Ok((step, shown)),
        (_, Some(_)) => Err(Error::field("/people_shown", "not_for_step")),
        (_, None) => Ok((step, None)),
    }
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn input() -> impl Strategy<Value = CaseStepInput> {
        let shown = prop_oneof![Just(None), select(PeopleShown::ALL).prop_map(Some)];
        (prop_oneof![Just(None), Just(Some("有代表性".to_owned()))], shown)
            .prop_map(|(note, people_shown)| CaseStepInput { note, people_shown })
    }

    proptest! {
        #[test]
        fn nothing_is_published_that_was_not_selected_and_confirmed(
            steps in prop::collection::vec((select(A::ALL), select(Role::ALL), input()), 0..20)
        ) {
            let (mut state, mut selected, mut confirmed) = (S::Nominated, false, false);
            for (action, role, input) in steps {
                let Ok((step, shown)) = decide(state, action, role, &input) else { continue };
                prop_assert!(step.from.contains(&state));
                state = step.to;
                selected = match state {
                    S::Selected => role == Role::Bureau && input.note.is_some(),
                    S::Published | S::Unpublished => selected,
                    S::Nominated | S::Returned => false,
                };
                confirmed = state == S::Published && shown.is_some();
                prop_assert!(state != S::Published || selected && confirmed && role == Role::Bureau);
                // What is no longer there for others says why.
                prop_assert!(!matches!(state, S::Returned | S::Unpublished) || input.note.is_some());
            }
            prop_assert!(state == S::Published || !confirmed);
        }

        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(
            state in select(S::ALL), action in select(A::ALL), role in select(Role::ALL), shown in select(PeopleShown::ALL)
        ) {
            let people_shown = (action == A::Publish).then_some(shown);
            let full = CaseStepInput { note: Some("有代表性".to_owned()), people_shown };
            let allowed = S::STEPS.allowed(state, role).contains(&action);
            prop_assert_eq!(decide(state, action, role, &full).is_ok(), allowed);
        }

        #[test]
        fn what_is_published_stays_as_it_was_confirmed(state in select(S::ALL), role in select(Role::ALL)) {
            prop_assert!(!editable(S::Published, role));
            prop_assert!(!editable(state, role) || NOMINATORS.contains(&role));
        }
    }
}
