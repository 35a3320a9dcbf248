//! What may be done with a measure: pure decisions.

use contract::Role;
use contract::plans::{MeasureAction as A, MeasureSide, MeasureState as S, PlanState};

use crate::platform::workflow::{self, Step};
use crate::platform::{Error, Result};

/// That a measure is fulfilled is the records' doing: there is no step for it.
pub const STEPS: &[Step<S, A>] =
    &[Step { action: A::Drop, from: &[S::Planned], to: S::Dropped, by: &[Role::Village, Role::Town], reason: true }];

/// The steps that a role may take of a measure of a plan.
pub fn allowed(plan: PlanState, state: S, role: Role) -> Vec<A> {
    if PlanState::LIVE.contains(&plan) { workflow::allowed(STEPS, state, role) } else { Vec::new() }
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, or a fault at `/note`.
pub fn decide(plan: PlanState, state: S, action: A, role: Role, note: Option<&str>) -> Result<S> {
    let step = workflow::step(STEPS, state, action, role, note)?;
    if PlanState::LIVE.contains(&plan) { Ok(step.to) } else { Err(illegal(state)) }
}

fn illegal(state: S) -> Error {
    workflow::illegal::<S, A>(state, &[])
}

/// Where a measure stands: what is dropped is not planned any more, whatever was recorded of it before.
pub fn state(dropped: bool, records: i64) -> S {
    match (dropped, records) {
        (true, _) => S::Dropped,
        (false, 0) => S::Planned,
        (false, _) => S::Fulfilled,
    }
}

/// The sides that a role answers for: the committee also for what the family itself has undertaken.
pub fn sides(role: Role) -> &'static [MeasureSide] {
    match role {
        Role::Organisation => &[MeasureSide::Organisation],
        Role::Village => &[MeasureSide::Village, MeasureSide::Family],
        Role::Town => &[MeasureSide::Town],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    proptest! {
        #[test]
        fn nothing_but_a_record_fulfils(
            plan in select(PlanState::ALL), state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL)
        ) {
            let to = decide(plan, state, action, role, Some("改由镇里办理"));
            prop_assert_eq!(allowed(plan, state, role).contains(&action), to.is_ok());
            prop_assert!(!matches!(to, Ok(S::Fulfilled)));
            prop_assert!(to.is_err() || (state == S::Planned && plan != PlanState::Closed));
        }
    }
}
