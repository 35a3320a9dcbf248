//! The states of a project: pure decisions.

use contract::projects::{ProjectAction as A, ProjectState as S, WRITERS};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use platform::{Result, workflow};

use crate::pairings::policy::{Side, side};

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub state: S,
    pub pairing_active: bool,
    pub organisation_consented: bool,
    pub village_consented: bool,
    /// The number of tasks that are not cancelled, and of those that are open.
    pub tasks_total: i64,
    pub tasks_open: i64,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub state: S,
    /// The side that consents with this step.
    pub consents: Option<Side>,
}

/// The consents that a change of the plan withdraws: the other side's, or both if neither side made the change.
pub fn withdrawn_by(role: Role) -> &'static [Side] {
    match role {
        Role::Organisation => &[Side::Village],
        Role::Village => &[Side::Organisation],
        _ => &[Side::Organisation, Side::Village],
    }
}

/// Whether a role may change the plan in a state.
pub fn plan_editable(state: S, role: Role) -> bool {
    S::OPEN.contains(&state) && WRITERS.contains(&role)
}

/// Whether a role may enter expenses in a state.
pub fn spending_editable(state: S, role: Role) -> bool {
    S::SPENDING.contains(&state) && role == Role::Organisation
}

/// Whether a role may attach evidence in a state: until the project is over.
pub fn evidence_welcome(state: S, role: Role) -> bool {
    WRITERS.contains(&role) && !matches!(state, S::Accepted | S::Cancelled)
}

/// The steps that a role may take.
pub fn allowed(facts: Facts, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, `pairing_not_active`, `consent_missing`, `tasks_missing`, `tasks_open`, or a fault at `/note` or
/// `/on_behalf_reason`.
pub fn decide(facts: Facts, action: A, role: Role, remarks: &StepInput) -> Result<Decision> {
    let decision = possible(facts, action, role);
    let decision = decision.map_err(|code| workflow::refused(code, facts.state, &allowed(facts, role)))?;
    workflow::step(S::STEPS, facts.state, action, role, remarks)?;
    Ok(decision)
}

fn possible(facts: Facts, action: A, role: Role) -> Result<Decision, ErrorCode> {
    let step = S::STEPS.find(facts.state, action, role)?;
    let side = side(role);
    let consented = match side {
        Some(Side::Organisation) => facts.organisation_consented,
        _ => facts.village_consented,
    };
    match action {
        A::Consent if consented => Err(ErrorCode::IllegalStep),
        A::Consent => Ok(Decision { state: step.to, consents: side }),
        A::Submit | A::Approve | A::Start | A::Resume if !facts.pairing_active => Err(ErrorCode::PairingNotActive),
        // 共同商定: both sides must have agreed to exactly what is submitted.
        A::Submit if !(facts.organisation_consented && facts.village_consented) => Err(ErrorCode::ConsentMissing),
        A::Start | A::Complete if facts.tasks_total == 0 => Err(ErrorCode::TasksMissing),
        A::Complete if facts.tasks_open > 0 => Err(ErrorCode::TasksOpen),
        _ => Ok(Decision { state: step.to, consents: None }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn remarks() -> StepInput {
        StepInput { note: Some("原因".to_owned()), on_behalf_reason: Some("村委会暂无账号".to_owned()) }
    }

    fn facts() -> impl Strategy<Value = Facts> {
        (select(S::ALL), any::<[bool; 3]>(), 0i64..4, 0i64..4).prop_map(
            |(state, [pairing_active, organisation_consented, village_consented], done, tasks_open)| Facts {
                state,
                pairing_active,
                organisation_consented,
                village_consented,
                tasks_total: done + tasks_open,
                tasks_open,
            },
        )
    }

    #[test]
    fn who_changes_a_plan_takes_the_others_consent_away_and_not_its_own() {
        assert_eq!(withdrawn_by(Role::Organisation), [Side::Village]);
        assert_eq!(withdrawn_by(Role::Village), [Side::Organisation]);
        assert_eq!(withdrawn_by(Role::Town), [Side::Organisation, Side::Village]);
    }

    /// A project that is ready to be submitted.
    const READY: Facts = Facts {
        state: S::Draft,
        pairing_active: true,
        organisation_consented: true,
        village_consented: true,
        tasks_total: 2,
        tasks_open: 0,
    };

    #[test]
    fn a_step_is_refused_for_what_is_missing() {
        let to = |facts: Facts, action, role| possible(facts, action, role).map(|decision| decision.state);
        let at = |state| Facts { state, ..READY };
        assert_eq!(to(READY, A::Submit, Role::Village), Ok(S::Submitted));
        for (one, other) in [(false, false), (true, false), (false, true)] {
            let facts = Facts { organisation_consented: one, village_consented: other, ..READY };
            assert_eq!(to(facts, A::Submit, Role::Village), Err(ErrorCode::ConsentMissing));
        }
        let ended = |state| Facts { pairing_active: false, ..at(state) };
        for (state, action, role) in [
            (S::Draft, A::Submit, Role::Town),
            (S::Submitted, A::Approve, Role::Bureau),
            (S::Approved, A::Start, Role::Organisation),
            (S::Suspended, A::Resume, Role::Town),
        ] {
            assert!(to(at(state), action, role).is_ok(), "{action:?}");
            assert_eq!(to(ended(state), action, role), Err(ErrorCode::PairingNotActive), "{action:?}");
        }
        // A running project can be completed, whatever became of the pairing.
        assert_eq!(to(ended(S::InProgress), A::Complete, Role::Village), Ok(S::Completed));
        assert_eq!(to(ended(S::Completed), A::Accept, Role::Bureau), Ok(S::Accepted));
        let tasks = |tasks_total, tasks_open| Facts { tasks_total, tasks_open, ..at(S::InProgress) };
        assert_eq!(to(tasks(0, 0), A::Complete, Role::Village), Err(ErrorCode::TasksMissing));
        assert_eq!(to(tasks(2, 1), A::Complete, Role::Village), Err(ErrorCode::TasksOpen));
        assert_eq!(to(tasks(1, 0), A::Complete, Role::Village), Ok(S::Completed));
        assert_eq!(to(Facts { tasks_total: 0, ..at(S::Approved) }, A::Start, Role::Town), Err(ErrorCode::TasksMissing));
        // Each side consents once. The town may consent for the village.
        for (role, side, organisation_consented, village_consented) in [
            (Role::Organisation, Side::Organisation, false, true),
            (Role::Village, Side::Village, true, false),
            (Role::Town, Side::Village, true, false),
        ] {
            let facts = Facts { organisation_consented, village_consented, ..READY };
            assert_eq!(possible(facts, A::Consent, role), Ok(Decision { state: S::Draft, consents: Some(side) }), "{role:?}");
            assert_eq!(possible(READY, A::Consent, role), Err(ErrorCode::IllegalStep), "{role:?}");
        }
        let silent = StepInput::default();
        let own = Facts { village_consented: false, ..READY };
        let consent = |remarks: &StepInput| decide(own, A::Consent, Role::Town, remarks);
        assert!(consent(&StepInput { note: None, ..remarks() }).is_ok() && consent(&silent).is_err());
        assert!(decide(own, A::Consent, Role::Village, &silent).is_ok(), "a village speaks for itself");
        assert!(decide(READY, A::Submit, Role::Town, &silent).is_ok(), "the town sends as the town");
    }

    #[test]
    fn who_is_refused_a_step_learns_what_is_allowed_instead() {
        let early = decide(READY, A::Complete, Role::Village, &StepInput::default()).unwrap_err();
        assert_eq!((early.code, early.state), (ErrorCode::IllegalStep, Some(READY.state.code())));
        let instead: Vec<_> = allowed(READY, Role::Village).iter().map(|action| action.code()).collect();
        assert_eq!(early.allowed_actions, Some(instead));
        let never = decide(READY, A::Approve, Role::Village, &StepInput::default()).unwrap_err();
        assert_eq!((never.code, never.allowed_actions.is_none()), (ErrorCode::Forbidden, true));
        // Some steps require a reason.
        let returned = |remarks| decide(Facts { state: S::Submitted, ..READY }, A::Return, Role::Bureau, &remarks);
        assert!(returned(StepInput { on_behalf_reason: None, ..remarks() }).is_ok());
        assert_eq!(returned(StepInput::default()).unwrap_err().to_string(), "ValidationFailed /note=required");
    }

    #[test]
    fn the_plan_is_open_before_it_is_sent_and_money_is_spent_while_it_runs() {
        for state in S::ALL {
            let open = matches!(state, S::Draft | S::Returned);
            for role in Role::ALL {
                let writes = matches!(role, Role::Organisation | Role::Village | Role::Town);
                assert_eq!(plan_editable(*state, *role), open && writes, "{state:?} {role:?}");
                let is_over = matches!(state, S::Accepted | S::Cancelled);
                assert_eq!(evidence_welcome(*state, *role), writes && !is_over, "{state:?} {role:?}");
                let spends = *role == Role::Organisation && matches!(state, S::InProgress | S::Suspended | S::Completed);
                assert_eq!(spending_editable(*state, *role), spends, "{state:?} {role:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            let decided = decide(facts, action, role, &remarks()).is_ok();
            prop_assert_eq!(decided, allowed(facts, role).contains(&action));
        }

        // The oracle does not know about withdrawal of consents: a side agrees to a plan if nobody else has changed it since the
        // side consented.
        #[test]
        fn nothing_goes_to_the_bureau_that_both_sides_have_not_agreed_to_as_it_is(
            steps in prop::collection::vec((select(A::ALL), select(Role::ALL), any::<bool>()), 0..30)
        ) {
            let mut facts = Facts {
                state: S::Draft,
                pairing_active: true,
                organisation_consented: false,
                village_consented: false,
                tasks_total: 1,
                tasks_open: 0,
            };
            let sides = [Role::Organisation, Role::Village];
            let (mut consented, mut changed): ([Option<usize>; 2], [Option<usize>; 2]) = ([None; 2], [None; 2]);
            for (now, (action, role, edits)) in steps.into_iter().enumerate() {
                if edits && matches!(facts.state, S::Draft | S::Returned) && matches!(role, Role::Organisation | Role::Village | Role::Town) {
                    prop_assert!(plan_editable(facts.state, role));
                    for side in withdrawn_by(role) {
                        match side {
                            Side::Organisation => facts.organisation_consented = false,
                            Side::Village => facts.village_consented = false,
                        }
                    }
                    for at in 0..2 {
                        if sides[at] != role {
                            changed[at] = Some(now);
                        }
                    }
                } else {
                    prop_assert!(!edits || !plan_editable(facts.state, role));
                }
                if let Ok(decision) = decide(facts, action, role, &remarks()) {
                    facts.state = decision.state;
                    if action == A::Consent {
                        // A town consents for its village.
                        consented[usize::from(role != Role::Organisation)] = Some(now);
                        facts.organisation_consented |= decision.consents == Some(Side::Organisation);
                        facts.village_consented |= decision.consents == Some(Side::Village);
                    }
                }
                if !matches!(facts.state, S::Draft | S::Returned | S::Cancelled) {
                    for at in 0..2 {
                        prop_assert!(consented[at] >= changed[at] && consented[at].is_some(), "{at} {consented:?} {changed:?}");
                    }
                }
            }
        }

        #[test]
        fn what_is_over_stays_over(facts in facts(), role in select(Role::ALL)) {
            prop_assert!(!matches!(facts.state, S::Accepted | S::Cancelled) || allowed(facts, role).is_empty());
        }

        #[test]
        fn nobody_completes_with_open_tasks(facts in facts(), role in select(Role::ALL)) {
            prop_assert!(facts.tasks_open == 0 || !allowed(facts, role).contains(&A::Complete));
        }

        #[test]
        fn only_the_bureau_approves_and_accepts(facts in facts(), role in select(Role::ALL)) {
            let decisions = allowed(facts, role).into_iter().filter(|action| matches!(action, A::Approve | A::Accept | A::Return));
            prop_assert!(role == Role::Bureau || decisions.count() == 0);
        }
    }
}
