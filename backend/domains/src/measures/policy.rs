//! What may be done with a measure: pure decisions.

use contract::Role;
use contract::plans::{MeasureAction as A, MeasureSide, MeasureState as S, PlanState};
use contract::workflow::StepInput;
use platform::{Error, Result, workflow};

/// The steps of a measure that a role may take.
pub fn allowed(plan: PlanState, state: S, role: Role) -> Vec<A> {
    if PlanState::LIVE.contains(&plan) { S::STEPS.allowed(state, role) } else { Vec::new() }
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, or a fault at `/note`.
pub fn decide(plan: PlanState, state: S, action: A, role: Role, remarks: &StepInput) -> Result<S> {
    let step = workflow::step(S::STEPS, state, action, role, remarks)?;
    if PlanState::LIVE.contains(&plan) { Ok(step.to) } else { Err(illegal(state)) }
}

fn illegal(state: S) -> Error {
    workflow::illegal::<S, A>(state, &[])
}

/// The sides for which a role acts. The committee also acts for what the family itself has undertaken.
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

    fn because() -> StepInput {
        StepInput { note: Some("改由镇里办理".to_owned()), on_behalf_reason: None }
    }

    #[test]
    fn a_measure_stands_as_its_records_say_until_it_is_dropped() {
        let stands = [(false, 0), (false, 1), (false, 2), (true, 0), (true, 1)].map(|(dropped, records)| S::of(dropped, records));
        assert_eq!(stands, [S::Planned, S::Fulfilled, S::Fulfilled, S::Dropped, S::Dropped]);
    }

    #[test]
    fn village_and_town_drop_what_is_planned_while_the_plan_lives_and_say_why() {
        for (plan, lives) in [(PlanState::Draft, true), (PlanState::Agreed, true), (PlanState::Closed, false)] {
            for role in Role::ALL {
                let may = lives && matches!(role, Role::Village | Role::Town);
                assert_eq!(allowed(plan, S::Planned, *role), if may { vec![A::Drop] } else { vec![] }, "{plan:?} {role:?}");
                assert!(allowed(plan, S::Fulfilled, *role).is_empty(), "{plan:?} {role:?}");
                assert!(allowed(plan, S::Dropped, *role).is_empty(), "{plan:?} {role:?}");
            }
        }
        let drop = |plan, remarks| decide(plan, S::Planned, A::Drop, Role::Town, &remarks).map_err(|error| error.to_string());
        assert_eq!(drop(PlanState::Agreed, because()), Ok(S::Dropped));
        assert_eq!(drop(PlanState::Agreed, StepInput::default()), Err("ValidationFailed /note=required".to_owned()));
        assert!(drop(PlanState::Closed, because()).is_err());
    }

    #[test]
    fn each_answers_for_its_own_and_the_committee_for_the_family_too() {
        use MeasureSide::{Family, Organisation, Town, Village};
        assert_eq!(sides(Role::Organisation), [Organisation]);
        assert_eq!(sides(Role::Village), [Village, Family]);
        assert_eq!(sides(Role::Town), [Town]);
        for role in [Role::Bureau, Role::LeadingGroup, Role::Cadre, Role::Auditor, Role::Admin] {
            assert!(sides(role).is_empty(), "{role:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_a_record_fulfils(
            plan in select(PlanState::ALL), state in select(S::ALL), role in select(Role::ALL), action in select(A::ALL)
        ) {
            let to = decide(plan, state, action, role, &because());
            prop_assert_eq!(allowed(plan, state, role).contains(&action), to.is_ok());
            prop_assert!(!matches!(to, Ok(S::Fulfilled)));
            prop_assert!(to.is_err() || (state == S::Planned && plan != PlanState::Closed));
        }
    }
}
