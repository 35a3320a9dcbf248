//! The steps of an inspection: pure decisions.

use contract::inspections::{INSPECTORS, InspectionAction as A, InspectionState as S, RoundState};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use platform::{Result, workflow};

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    pub round: RoundState,
    /// Whether the caller answers for the village.
    pub covers: bool,
}

/// Whether a role may write down what it sees.
pub fn editable(facts: Facts, role: Role) -> bool {
    facts.covers && INSPECTORS.contains(&role) && facts.state == S::Planned && facts.round == RoundState::Open
}

/// Whether a role may attach photos. They may come in after the inspection, while the round goes on.
pub fn evidence_welcome(facts: Facts, role: Role) -> bool {
    facts.covers && INSPECTORS.contains(&role) && facts.state != S::Cancelled && facts.round == RoundState::Open
}

/// The steps that a role may take.
pub fn allowed(facts: Facts, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, or a fault at `/note`.
pub fn decide(facts: Facts, action: A, role: Role, remarks: &StepInput) -> Result<S> {
    possible(facts, action, role).map_err(|code| workflow::refused(code, facts.state, &allowed(facts, role)))?;
    Ok(workflow::step(S::STEPS, facts.state, action, role, remarks)?.to)
}

fn possible(facts: Facts, action: A, role: Role) -> Result<(), ErrorCode> {
    S::STEPS.find(facts.state, action, role)?;
    if !facts.covers {
        return Err(ErrorCode::Forbidden);
    }
    if facts.round == RoundState::Open { Ok(()) } else { Err(ErrorCode::IllegalStep) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed_and_what_was_held_stays(
            state in select(S::ALL), round in select(RoundState::ALL), covers: bool, role in select(Role::ALL),
            action in select(A::ALL)
        ) {
            let facts = Facts { state, round, covers };
            let because = StepInput { note: Some("原因".to_owned()), on_behalf_reason: None };
            prop_assert_eq!(decide(facts, action, role, &because).is_ok(), allowed(facts, role).contains(&action));
            let over = state != S::Planned || round != RoundState::Open || !covers || !INSPECTORS.contains(&role);
            prop_assert!(!over || (allowed(facts, role).is_empty() && !editable(facts, role)));
        }
    }
}
