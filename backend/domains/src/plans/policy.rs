//! The states of a plan: pure decisions.

use contract::Role;
use contract::plans::{PlanAction as A, PlanState as S};
use platform::workflow::Step;

/// 因户而异、与农户商定: village or town draft a plan and agree it with the family. From then on it changes only by single measures,
/// with reasons.
pub const STEPS: &[Step<S, A>] = &[
    Step { action: A::Agree, from: &[S::Draft], to: S::Agreed, by: &[Role::Village, Role::Town], reason: false },
    Step { action: A::Close, from: &[S::Draft, S::Agreed], to: S::Closed, by: &[Role::Village, Role::Town], reason: true },
];

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use platform::workflow;

    proptest! {
        #[test]
        fn what_is_closed_stays_closed_and_those_near_the_family_decide(state in select(S::ALL), role in select(Role::ALL)) {
            let allowed = workflow::allowed(STEPS, state, role);
            prop_assert!(allowed.is_empty() || (S::LIVE.contains(&state) && matches!(role, Role::Village | Role::Town)));
        }
    }
}
