//! The steps of a round: pure decisions.

use contract::inspections::{RoundAction as A, RoundState as S};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use platform::{Result, workflow};

/// The steps that a role may take. Whoever does not answer for the round's area takes none.
pub fn allowed(state: S, role: Role, covers: bool) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| covers && S::STEPS.find(state, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `outside_own_scope`, `illegal_step`, or a fault at `/note`.
pub fn decide(state: S, action: A, role: Role, covers: bool, note: Option<&String>) -> Result<S> {
    S::STEPS.find(state, action, role).map_err(|code| workflow::refused(code, state, &allowed(state, role, covers)))?;
    if !covers {
        return Err(ErrorCode::OutsideOwnScope.into());
    }
    let remarks = StepInput { note: note.cloned(), on_behalf_reason: None };
    Ok(workflow::step(S::STEPS, state, action, role, &remarks)?.to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(
            state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL), covers: bool
        ) {
            let why = "原因".to_owned();
            let shown = allowed(state, role, covers).contains(&action);
            prop_assert_eq!(decide(state, action, role, covers, Some(&why)).is_ok(), shown);
            prop_assert!(!shown || (covers && matches!(role, Role::Bureau | Role::Town)));
        }
    }
}
