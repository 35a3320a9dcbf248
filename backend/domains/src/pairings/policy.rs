//! The states of a pairing: pure decisions.

use chrono::NaiveDate;
use contract::campaigns::Phase;
use contract::pairings::{PairingAction as A, PairingKind, PairingState as S, ProposedBy};
use contract::workflow::StepInput;
use contract::{CodedEnum, ErrorCode, Role};
use platform::{Result, workflow};

/// The phases in which pairings are made. The last phase is for summing up.
const MAKING: &[Phase] = &[Phase::Preparation, Phase::Implementation];

/// One of the two parties that must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Organisation,
    Village,
}

/// The facts that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub kind: PairingKind,
    pub state: S,
    pub proposed_by: ProposedBy,
    pub organisation_accepted: bool,
    pub village_accepted: bool,
    /// The campaign's phase today.
    pub phase: Option<Phase>,
    /// Whether the time to answer is over.
    pub overdue: bool,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub state: S,
    /// The side that accepts with this step.
    pub accepts: Option<Side>,
}

/// Whether a pairing was active on some day between two, both included.
pub fn active_between(since: Option<NaiveDate>, ended_on: Option<NaiveDate>, first: NaiveDate, last: NaiveDate) -> bool {
    since.is_some_and(|since| since <= last) && ended_on.is_none_or(|ended| ended >= first)
}

/// The side for which a role speaks. A town office may act for a village committee; nobody acts for an organisation.
pub fn side(role: Role) -> Option<Side> {
    match role {
        Role::Organisation => Some(Side::Organisation),
        Role::Village | Role::Town => Some(Side::Village),
        _ => None,
    }
}

/// The state of a pairing with a household after the organisation's pairing with the village ends, or the family withdraws its
/// consent. An active one ends like the other; one that was not active yet lapses.
pub fn fallen(state: S, ended_as: S) -> Option<S> {
    match state {
        S::Active => Some(ended_as),
        S::Confirmed => Some(S::Terminated),
        S::Proposed | S::Accepted => Some(S::Withdrawn),
        S::Completed | S::Declined | S::Withdrawn | S::Expired | S::Terminated => None,
    }
}

/// Who counts as the proposer. A town that gives a reason for acting for the committee proposes for the village; otherwise it
/// recommends. Organisations do not see households, so they cannot propose to one.
pub fn proposed_by(kind: PairingKind, role: Role, on_behalf: bool) -> Option<ProposedBy> {
    match role {
        Role::Organisation if kind == PairingKind::Household => None,
        Role::Organisation => Some(ProposedBy::Organisation),
        Role::Village => Some(ProposedBy::Village),
        Role::Town if on_behalf => Some(ProposedBy::Village),
        Role::Town => Some(ProposedBy::Town),
        Role::Bureau => Some(ProposedBy::Bureau),
        _ => None,
    }
}

/// Whether pairings can be made in a phase.
pub fn can_make(phase: Option<Phase>) -> bool {
    phase.is_some_and(|phase| MAKING.contains(&phase))
}

/// The steps that a role may take.
pub fn allowed(facts: Facts, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|&action| possible(facts, action, role).is_ok()).collect()
}

/// Decides a step.
///
/// # Errors
/// `forbidden`, `illegal_step`, `outside_phase`, or a fault at `/note` or `/on_behalf_reason`.
pub fn decide(facts: Facts, action: A, role: Role, remarks: &StepInput) -> Result<Decision> {
    let decision = possible(facts, action, role);
    let decision = decision.map_err(|code| workflow::refused(code, facts.state, &allowed(facts, role)))?;
    workflow::step(S::STEPS, facts.state, action, role, remarks)?;
    Ok(decision)
}

fn possible(facts: Facts, action: A, role: Role) -> Result<Decision, ErrorCode> {
    // Signing its agreement activates a pairing with a village. A pairing with a household has no agreement.
    if action == A::Activate && facts.kind == PairingKind::Village {
        return Err(ErrorCode::Forbidden);
    }
    let step = S::STEPS.find(facts.state, action, role)?;
    if matches!(action, A::Accept | A::Confirm | A::Activate) && !can_make(facts.phase) {
        return Err(ErrorCode::OutsidePhase);
    }
    let side = side(role);
    let (answered, other_accepted) = match side {
        Some(Side::Organisation) => (facts.organisation_accepted, facts.village_accepted),
        Some(Side::Village) => (facts.village_accepted, facts.organisation_accepted),
        None => (false, false),
    };
    match action {
        // The other side answers, because a proposal includes the proposer's own acceptance.
        A::Accept if answered || facts.overdue => Err(ErrorCode::IllegalStep),
        A::Accept => Ok(Decision { state: if other_accepted { S::Accepted } else { S::Proposed }, accepts: side }),
        A::Decline if answered => Err(ErrorCode::IllegalStep),
        // The proposer may withdraw a proposal, and either side what both have accepted.
        A::Withdraw if facts.state == S::Proposed && !proposer(facts.proposed_by, role) => Err(ErrorCode::IllegalStep),
        A::Withdraw if facts.state == S::Accepted && side.is_none() => Err(ErrorCode::IllegalStep),
        _ => Ok(Decision { state: step.to, accepts: None }),
    }
}

fn proposer(proposed_by: ProposedBy, role: Role) -> bool {
    match proposed_by {
        ProposedBy::Organisation => role == Role::Organisation,
        ProposedBy::Village => matches!(role, Role::Village | Role::Town),
        ProposedBy::Town => role == Role::Town,
        ProposedBy::Bureau => role == Role::Bureau,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn remarks() -> StepInput {
        StepInput { note: Some("原因".to_owned()), on_behalf_reason: Some("村委会暂无账号".to_owned()) }
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let phases = vec![None, Some(Phase::Preparation), Some(Phase::Implementation), Some(Phase::Summary)];
        (select(PairingKind::ALL), select(S::ALL), select(ProposedBy::ALL), any::<[bool; 3]>(), select(phases)).prop_map(
            |(kind, state, proposed_by, [organisation_accepted, village_accepted, overdue], phase)| Facts {
                kind,
                state,
                proposed_by,
                organisation_accepted,
                village_accepted,
                phase,
                overdue,
            },
        )
    }

    #[test]
    fn a_pairing_is_active_from_its_first_day_through_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = |text: &str| active_between(Some(day("2020-05-01")), Some(day("2020-06-01")), day(text), day(text));
        assert_eq!((on("2020-04-30"), on("2020-05-01"), on("2020-05-02")), (false, true, true));
        assert_eq!((on("2020-05-31"), on("2020-06-01"), on("2020-06-02")), (true, true, false));
        let running = |text: &str| active_between(Some(day("2020-05-01")), None, day(text), day(text));
        assert_eq!((running("2020-04-30"), running("2020-05-01"), running("2030-01-01")), (false, true, true));
        assert!(!active_between(None, None, day("2020-05-01"), day("2020-05-01")));
    }

    #[test]
    fn pairs_are_made_until_the_year_is_summed_up() {
        let phases = [None, Some(Phase::Preparation), Some(Phase::Implementation), Some(Phase::Summary)];
        assert_eq!(phases.map(can_make), [false, true, true, false]);
    }

    /// What each role may do, in the order bureau, town, village, organisation. Nobody else may do anything.
    fn table(facts: Facts) -> [Vec<A>; 4] {
        for role in [Role::LeadingGroup, Role::Cadre, Role::Auditor, Role::Admin] {
            assert!(allowed(facts, role).is_empty(), "{role:?}");
        }
        [Role::Bureau, Role::Town, Role::Village, Role::Organisation].map(|role| allowed(facts, role))
    }

    #[test]
    fn each_step_is_for_whose_turn_it_is() {
        let of = |kind, state, proposed_by, [organisation_accepted, village_accepted]: [bool; 2]| Facts {
            kind,
            state,
            proposed_by,
            organisation_accepted,
            village_accepted,
            phase: Some(Phase::Implementation),
            overdue: false,
        };
        let village = |state| of(PairingKind::Village, state, ProposedBy::Organisation, [true, state != S::Proposed]);
        let answer = || vec![A::Accept, A::Decline];
        let withdraw = || vec![A::Withdraw];
        let own = village(S::Proposed);
        assert_eq!(table(own), [vec![], answer(), answer(), withdraw()]);
        let by_village = of(PairingKind::Village, S::Proposed, ProposedBy::Village, [false, true]);
        assert_eq!(table(by_village), [vec![], withdraw(), withdraw(), answer()]);
        // Both sides answer a recommendation of the town or the bureau, which its author may withdraw.
        let by_town = of(PairingKind::Village, S::Proposed, ProposedBy::Town, [false, false]);
        assert_eq!(table(by_town), [vec![], vec![A::Accept, A::Decline, A::Withdraw], answer(), answer()]);
        let by_bureau = of(PairingKind::Village, S::Proposed, ProposedBy::Bureau, [false, false]);
        assert_eq!(table(by_bureau), [withdraw(), answer(), answer(), answer()]);
        assert_eq!(table(village(S::Accepted)), [vec![A::Confirm], withdraw(), withdraw(), withdraw()]);
        assert_eq!(table(village(S::Confirmed)), [vec![A::Terminate], vec![], vec![], vec![]]);
        let household = Facts { kind: PairingKind::Household, ..village(S::Confirmed) };
        assert_eq!(table(household), [vec![A::Activate, A::Terminate], vec![A::Activate], vec![], vec![]]);
        assert_eq!(table(village(S::Active)), [vec![A::Complete, A::Terminate], vec![], vec![], vec![]]);
        for over in [S::Completed, S::Declined, S::Withdrawn, S::Expired, S::Terminated] {
            assert_eq!(table(village(over)), [vec![], vec![], vec![], vec![]], "{over:?}");
        }
        // After the deadline a side can still decline. Outside the phases no pairing is made.
        let late = Facts { overdue: true, ..own };
        assert_eq!(table(late), [vec![], vec![A::Decline], vec![A::Decline], withdraw()]);
        let closed = |facts| Facts { phase: Some(Phase::Summary), ..facts };
        assert_eq!(table(closed(own)), [vec![], vec![A::Decline], vec![A::Decline], withdraw()]);
        assert_eq!(table(closed(village(S::Accepted))), [vec![], withdraw(), withdraw(), withdraw()]);
        assert_eq!(table(closed(household)), [vec![A::Terminate], vec![], vec![], vec![]]);
    }

    #[test]
    fn the_first_yes_leaves_it_proposed_and_the_second_makes_it_accepted() {
        let facts = |organisation_accepted, village_accepted| Facts {
            kind: PairingKind::Village,
            state: S::Proposed,
            proposed_by: ProposedBy::Bureau,
            organisation_accepted,
            village_accepted,
            phase: Some(Phase::Preparation),
            overdue: false,
        };
        let yes = |facts, role| possible(facts, A::Accept, role);
        let decision = |state, side| Ok(Decision { state, accepts: Some(side) });
        assert_eq!(yes(facts(false, false), Role::Village), decision(S::Proposed, Side::Village));
        assert_eq!(yes(facts(false, false), Role::Organisation), decision(S::Proposed, Side::Organisation));
        assert_eq!(yes(facts(true, false), Role::Town), decision(S::Accepted, Side::Village));
        assert_eq!(yes(facts(false, true), Role::Organisation), decision(S::Accepted, Side::Organisation));
        let (silent, noted) = (StepInput::default(), StepInput { on_behalf_reason: None, ..remarks() });
        let by_town = |remarks: &StepInput| decide(facts(true, false), A::Accept, Role::Town, remarks).is_ok();
        assert!(by_town(&StepInput { note: None, ..remarks() }) && !by_town(&silent));
        assert!(decide(facts(true, false), A::Accept, Role::Village, &silent).is_ok());
        // In all its other steps the town speaks for itself.
        let to = |action, remarks: &StepInput| {
            let facts = Facts { proposed_by: ProposedBy::Town, ..facts(false, false) };
            decide(facts, action, Role::Town, remarks).map(|decision| decision.state).map_err(|error| error.to_string())
        };
        let fault = |at: &str| Err(format!("ValidationFailed {at}=required"));
        assert_eq!(to(A::Withdraw, &noted), Ok(S::Withdrawn));
        assert_eq!(to(A::Withdraw, &silent), fault("/note"));
        assert_eq!(to(A::Decline, &remarks()), Ok(S::Declined));
        assert_eq!(to(A::Decline, &noted), fault("/on_behalf_reason"));
    }

    #[test]
    fn who_is_refused_a_step_learns_what_is_allowed_instead() {
        let facts = Facts {
            kind: PairingKind::Village,
            state: S::Proposed,
            proposed_by: ProposedBy::Organisation,
            organisation_accepted: true,
            village_accepted: false,
            phase: Some(Phase::Implementation),
            overdue: false,
        };
        let refused = |action, role| decide(facts, action, role, &remarks()).unwrap_err();
        let early = refused(A::Accept, Role::Organisation);
        assert_eq!((early.code, early.state), (ErrorCode::IllegalStep, Some("proposed")));
        assert_eq!(early.allowed_actions.as_deref(), Some(&["withdraw"][..]));
        let never = refused(A::Confirm, Role::Organisation);
        assert_eq!((never.code, never.allowed_actions.is_none()), (ErrorCode::Forbidden, true));
        let closed = decide(Facts { phase: None, ..facts }, A::Accept, Role::Village, &StepInput::default()).unwrap_err();
        assert_eq!(closed.code, ErrorCode::OutsidePhase);
    }

    #[test]
    fn a_proposal_comes_from_who_makes_it_and_from_the_village_where_the_town_stands_in() {
        let by = |kind, role| [false, true].map(|on_behalf| proposed_by(kind, role, on_behalf));
        let always = |by| [Some(by); 2];
        for kind in [PairingKind::Village, PairingKind::Household] {
            assert_eq!(by(kind, Role::Bureau), always(ProposedBy::Bureau));
            assert_eq!(by(kind, Role::Village), always(ProposedBy::Village));
            assert_eq!(by(kind, Role::Town), [Some(ProposedBy::Town), Some(ProposedBy::Village)]);
            assert_eq!(by(kind, Role::Auditor), [None; 2]);
        }
        assert_eq!(by(PairingKind::Village, Role::Organisation), always(ProposedBy::Organisation));
        assert_eq!(by(PairingKind::Household, Role::Organisation), [None; 2]);
    }

    #[test]
    fn what_has_lost_its_ground_ends_as_far_as_it_had_come() {
        let fallen = |state| fallen(state, S::Completed);
        assert_eq!((fallen(S::Active), fallen(S::Confirmed)), (Some(S::Completed), Some(S::Terminated)));
        assert_eq!((fallen(S::Accepted), fallen(S::Proposed)), (Some(S::Withdrawn), Some(S::Withdrawn)));
    }

    proptest! {
        #[test]
        fn what_is_shown_as_allowed_is_what_is_allowed(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            let decided = decide(facts, action, role, &remarks()).is_ok();
            prop_assert_eq!(decided, allowed(facts, role).contains(&action));
        }

        #[test]
        fn both_sides_have_agreed_before_the_bureau_confirms(
            kind in select(PairingKind::ALL),
            proposed_by in select(ProposedBy::ALL),
            steps in prop::collection::vec((select(A::ALL), select(Role::ALL)), 0..12)
        ) {
            let mut facts = Facts {
                kind,
                state: S::Proposed,
                proposed_by,
                organisation_accepted: proposed_by == ProposedBy::Organisation,
                village_accepted: proposed_by == ProposedBy::Village,
                phase: Some(Phase::Preparation),
                overdue: false,
            };
            for (action, role) in steps {
                if let Ok(decision) = decide(facts, action, role, &remarks()) {
                    facts.state = decision.state;
                    facts.organisation_accepted |= decision.accepts == Some(Side::Organisation);
                    facts.village_accepted |= decision.accepts == Some(Side::Village);
                }
                if matches!(facts.state, S::Accepted | S::Confirmed | S::Active) {
                    prop_assert!(facts.organisation_accepted && facts.village_accepted);
                }
            }
        }

        #[test]
        fn what_is_over_stays_over(facts in facts(), role in select(Role::ALL), action in select(A::ALL)) {
            let over = !S::LIVE.contains(&facts.state);
            prop_assert!(!over || decide(facts, action, role, &remarks()).is_err());
        }

        #[test]
        fn a_step_activates_what_has_no_agreement(facts in facts(), role in select(Role::ALL)) {
            let activates = allowed(facts, role).contains(&A::Activate);
            prop_assert!(!activates || (facts.kind == PairingKind::Household && facts.state == S::Confirmed));
        }

        #[test]
        fn what_has_lost_its_ground_is_over(state in select(S::ALL)) {
            for ended_as in [S::Completed, S::Terminated] {
                prop_assert_eq!(fallen(state, ended_as).is_some(), S::LIVE.contains(&state));
                prop_assert!(fallen(state, ended_as).is_none_or(|state| !S::LIVE.contains(&state)));
            }
        }

        #[test]
        fn no_organisation_proposes_to_a_household(on_behalf in any::<bool>()) {
            prop_assert_eq!(proposed_by(PairingKind::Household, Role::Organisation, on_behalf), None);
        }

        #[test]
        fn nobody_answers_one_s_own_proposal(facts in facts()) {
            let own = Facts { state: S::Proposed, proposed_by: ProposedBy::Organisation, organisation_accepted: true, ..facts };
            prop_assert!(!allowed(own, Role::Organisation).contains(&A::Accept));
        }
    }
}
