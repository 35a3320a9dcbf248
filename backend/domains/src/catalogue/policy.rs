//! What an entry has and what projects take of it: pure decisions.

use contract::catalogue::{CatalogueEntryAction as A, CatalogueEntryState as S};
use contract::workflow::Step;

/// The amounts of an entry on which decisions depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// How much in all.
    pub quantity: i64,
    /// What projects take that are not cancelled.
    pub taken: i64,
    /// What of that is fulfilled.
    pub fulfilled: i64,
}

impl Balance {
    /// What no project takes.
    pub fn remaining(self) -> i64 {
        self.quantity - self.taken
    }
}

/// Why a project cannot take this much of an entry. `before` is what it took until now, and `balance` is without it.
pub fn fault(state: S, balance: Balance, before: Option<i64>, wanted: i64) -> Option<(&'static str, &'static str)> {
    if state != S::Published && before.is_none_or(|before| wanted > before) {
        // What an entry that is over has promised stays promised, and becomes no more.
        return Some(("entry_id", "not_published"));
    }
    (wanted > balance.remaining()).then_some(("quantity", "exceeds_remaining"))
}

/// The step that an entry takes by itself, because projects have fulfilled all of it or do not any more.
pub fn settling(state: S, balance: Balance) -> Option<&'static Step<S, A>> {
    let action = if balance.fulfilled >= balance.quantity { A::Fulfil } else { A::Unfulfil };
    by_itself(state, action)
}

/// The step of the table that nobody takes by hand.
pub fn by_itself(state: S, action: A) -> Option<&'static Step<S, A>> {
    S::STEPS.0.iter().find(|step| step.by.is_empty() && step.action == action && step.from.contains(&state))
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use contract::catalogue::{COMMITTED, FULFILLED, REQUESTED};
    use contract::projects::{ProjectAction, ProjectState};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// A project and what it takes.
    type Project = (ProjectState, i64);

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        /// A new project wants this much.
        Plan(i64),
        /// A project wants another amount.
        Change(usize, i64),
        /// A project takes a step.
        Step(usize, ProjectAction),
        /// The entry gets another quantity.
        Resize(i64),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            (1i64..30).prop_map(Deed::Plan),
            (0usize..6, 1i64..30).prop_map(|(index, wanted)| Deed::Change(index, wanted)),
            (0usize..6, select(ProjectAction::ALL)).prop_map(|(index, action)| Deed::Step(index, action)),
            (1i64..60).prop_map(Deed::Resize),
        ]
    }

    fn sum(projects: &[Project], states: &[ProjectState]) -> i64 {
        projects.iter().filter(|(state, _)| states.contains(state)).map(|(_, taken)| taken).sum()
    }

    fn balance(quantity: i64, projects: &[Project]) -> Balance {
        Balance { quantity, taken: sum(projects, ProjectState::LIVE), fulfilled: sum(projects, FULFILLED) }
    }

    proptest! {
        #[test]
        fn whatever_happens_nothing_is_given_twice_and_nothing_is_lost(deeds in proptest::collection::vec(deed(), 1..60)) {
            let (mut quantity, mut state, mut projects) = (40i64, S::Published, Vec::<Project>::new());
            for deed in deeds {
                match deed {
                    Deed::Plan(wanted) if fault(state, balance(quantity, &projects), None, wanted).is_none() => {
                        projects.push((ProjectState::Draft, wanted));
                    }
                    Deed::Change(index, wanted) if index < projects.len() && ProjectState::OPEN.contains(&projects[index].0) => {
                        let (of, before) = projects.remove(index);
                        let allowed = fault(state, balance(quantity, &projects), Some(before), wanted).is_none();
                        projects.insert(index, (of, if allowed { wanted } else { before }));
                    }
                    Deed::Step(index, action) if index < projects.len() => {
                        let (of, taken) = projects[index];
                        let step = ProjectState::STEPS.0.iter().find(|step| step.action == action && step.from.contains(&of));
                        projects[index] = (step.map_or(of, |step| step.to), taken);
                    }
                    Deed::Resize(to) if S::LIVE.contains(&state) && to >= balance(quantity, &projects).taken => quantity = to,
                    _ => {}
                }
                let now = balance(quantity, &projects);
                state = settling(state, now).map_or(state, |step| step.to);
                let parts = [REQUESTED, COMMITTED, FULFILLED].map(|states| sum(&projects, states));
                prop_assert!(now.remaining() >= 0 && parts.iter().all(|part| *part >= 0));
                prop_assert_eq!(parts.iter().sum::<i64>() + now.remaining(), quantity);
                // It stays published while anything is not fulfilled.
                prop_assert_eq!(state == S::Published, now.fulfilled < quantity);
            }
        }
    }

    #[test]
    fn what_is_over_promises_no_more_and_keeps_what_it_promised() {
        let has = |quantity, taken| Balance { quantity, taken, fulfilled: 0 };
        assert_eq!(fault(S::Published, has(10, 4), None, 6), None);
        assert_eq!(fault(S::Published, has(10, 4), None, 7), Some(("quantity", "exceeds_remaining")));
        for over in [S::Draft, S::Fulfilled, S::Withdrawn, S::Expired] {
            assert_eq!(fault(over, has(10, 4), None, 1), Some(("entry_id", "not_published")), "{over:?}");
            assert_eq!(fault(over, has(10, 4), Some(3), 4), Some(("entry_id", "not_published")), "{over:?}");
            assert_eq!(fault(over, has(10, 4), Some(3), 3), None, "{over:?}");
        }
    }

    #[test]
    fn only_what_is_published_expires_or_is_fulfilled() {
        for state in S::ALL {
            assert_eq!(by_itself(*state, A::Expire).is_some(), *state == S::Published);
            let all = Balance { quantity: 5, taken: 5, fulfilled: 5 };
            assert_eq!(settling(*state, all).map(|step| step.to), (*state == S::Published).then_some(S::Fulfilled));
            let less = Balance { fulfilled: 4, ..all };
            assert_eq!(settling(*state, less).map(|step| step.to), (*state == S::Fulfilled).then_some(S::Published));
        }
    }
}
