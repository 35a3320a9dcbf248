//! What an entry has and what is taken of it: pure decisions.

use contract::catalogue::{CatalogueEntryAction as A, CatalogueEntryState as S};
use contract::workflow::Step;

/// The amounts of an entry on which decisions depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// How much in all.
    pub quantity: i64,
    /// What is taken, by whoever is not over.
    pub taken: i64,
    /// What of that is fulfilled.
    pub fulfilled: i64,
}

impl Balance {
    /// What nobody takes.
    pub fn remaining(self) -> i64 {
        self.quantity - self.taken
    }
}

/// How much of what a pairing has reserved goes over to a project or to help of its own that had so much, and is to have so much.
pub fn goes_over(reserved: i64, had: i64, wanted: i64) -> i64 {
    reserved.min(wanted - had).max(0)
}

/// Why this much of an entry cannot be taken. `before` is what was taken until now, and `balance` is without it.
pub fn fault(state: S, balance: Balance, before: Option<i64>, wanted: i64) -> Option<(&'static str, &'static str)> {
    if state != S::Published && before.is_none_or(|before| wanted > before) {
        // What an entry that is over has promised stays promised, and becomes no more.
        return Some(("entry_id", "not_published"));
    }
    (wanted > balance.remaining()).then_some(("quantity", "exceeds_remaining"))
}

/// The step that an entry takes by itself, because all of it is fulfilled or is not any more.
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
    use contract::assistance::RecordState;
    use contract::catalogue::CommitmentStage;
    use contract::pairings::{PairingAction, PairingState};
    use contract::projects::{ProjectAction, ProjectState};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Who takes something, in which state. The first pairing is that of the two sides, whose projects and help take of what it holds.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Holder {
        Pairing(PairingState),
        Project(ProjectState),
        /// A record, and which one it corrects.
        Record(RecordState, Option<usize>),
    }

    impl Holder {
        fn stage(self) -> Option<CommitmentStage> {
            CommitmentStage::ALL.iter().copied().find(|stage| match self {
                Self::Pairing(state) => stage.of_pairings().contains(&state),
                Self::Project(state) => stage.of_projects().contains(&state),
                Self::Record(RecordState::Recorded, Some(_)) => false,
                Self::Record(state, _) => stage.of_records().contains(&state),
            })
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Deed {
        /// A pairing, a project or a record wants this much.
        Take(usize, i64),
        /// A project or a record wants another amount.
        Change(usize, i64),
        Project(usize, ProjectAction),
        Pairing(usize, PairingAction),
        /// A record is confirmed, or not.
        Record(usize, bool),
        /// A confirmed record is corrected to this much.
        Correct(usize, i64),
        /// The entry gets another quantity.
        Resize(i64),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            (0usize..3, 1i64..30).prop_map(|(kind, wanted)| Deed::Take(kind, wanted)),
            (0usize..8, 1i64..30).prop_map(|(index, wanted)| Deed::Change(index, wanted)),
            (0usize..8, select(ProjectAction::ALL)).prop_map(|(index, action)| Deed::Project(index, action)),
            (0usize..8, select(PairingAction::ALL)).prop_map(|(index, action)| Deed::Pairing(index, action)),
            (0usize..8, any::<bool>()).prop_map(|(index, confirms)| Deed::Record(index, confirms)),
            (0usize..8, 1i64..30).prop_map(|(index, wanted)| Deed::Correct(index, wanted)),
            (1i64..60).prop_map(Deed::Resize),
        ]
    }

    /// An entry, and who takes what of it.
    #[derive(Clone)]
    struct World {
        quantity: i64,
        state: S,
        takers: Vec<(Holder, i64)>,
    }

    impl World {
        fn sum(&self, stages: &[CommitmentStage]) -> i64 {
            let counts = |holder: Holder| holder.stage().is_some_and(|stage| stages.contains(&stage));
            self.takers.iter().filter(|(holder, _)| counts(*holder)).map(|(_, taken)| taken).sum()
        }

        fn balance(&self) -> Balance {
            let (taken, fulfilled) = (self.sum(CommitmentStage::ALL), self.sum(&[CommitmentStage::Fulfilled]));
            Balance { quantity: self.quantity, taken, fulfilled }
        }

        /// What the service does, in its order.
        fn take(&mut self, index: Option<usize>, holder: Holder, wanted: i64) {
            let mut then = self.clone();
            let own = index.map_or(0, |index| then.takers[index].1);
            let corrected = match holder {
                Holder::Record(_, Some(old)) => then.takers[old].1,
                _ => 0,
            };
            if let Some(index) = index {
                then.takers[index].1 = 0;
            }
            let live =
                |(holder, _): &&mut (Holder, i64)| matches!(holder, Holder::Pairing(state) if PairingState::LIVE.contains(state));
            let mut handed = 0;
            if !matches!(holder, Holder::Pairing(_))
                && let Some((_, reserved)) = then.takers.iter_mut().find(live)
            {
                handed = goes_over(*reserved, own + corrected, wanted);
                *reserved -= handed;
            }
            let had = own + corrected + handed;
            let others = then.balance();
            let others = Balance { taken: others.taken - corrected, ..others };
            if fault(then.state, others, (had > 0).then_some(had), wanted).is_none() {
                match index {
                    Some(index) => then.takers[index].1 = wanted,
                    None => then.takers.push((holder, wanted)),
                }
                *self = then;
            }
        }

        fn done(&mut self, deed: Deed) {
            let holder = |index: usize| self.takers.get(index).map(|(holder, _)| *holder);
            match deed {
                Deed::Take(0, wanted) => self.take(None, Holder::Pairing(PairingState::Proposed), wanted),
                Deed::Take(1, wanted) => self.take(None, Holder::Project(ProjectState::Draft), wanted),
                Deed::Take(_, wanted) => self.take(None, Holder::Record(RecordState::Recorded, None), wanted),
                Deed::Change(index, wanted) => match holder(index) {
                    Some(of @ Holder::Project(state)) if ProjectState::OPEN.contains(&state) => {
                        self.take(Some(index), of, wanted)
                    }
                    Some(of @ Holder::Record(RecordState::Recorded, _)) => self.take(Some(index), of, wanted),
                    _ => {}
                },
                Deed::Project(index, action) => {
                    if let Some(Holder::Project(state)) = holder(index)
                        && let Some(step) = ProjectState::STEPS.0.iter().find(|s| s.action == action && s.from.contains(&state))
                    {
                        self.takers[index].0 = Holder::Project(step.to);
                    }
                }
                Deed::Pairing(index, action) => {
                    if let Some(Holder::Pairing(state)) = holder(index)
                        && let Some(step) = PairingState::STEPS.0.iter().find(|s| s.action == action && s.from.contains(&state))
                    {
                        self.takers[index].0 = Holder::Pairing(step.to);
                    }
                }
                Deed::Record(index, confirms) => {
                    let Some(Holder::Record(RecordState::Recorded, old)) = holder(index) else { return };
                    let mut then = self.clone();
                    then.takers[index].0 =
                        Holder::Record(if confirms { RecordState::Confirmed } else { RecordState::Rejected }, old);
                    if let (true, Some(old)) = (confirms, old) {
                        let Holder::Record(RecordState::Confirmed, of) = then.takers[old].0 else { return };
                        then.takers[old].0 = Holder::Record(RecordState::Corrected, of);
                    }
                    if then.balance().remaining() >= 0 {
                        *self = then;
                    }
                }
                Deed::Correct(index, wanted) => {
                    if let Some(Holder::Record(RecordState::Confirmed, _)) = holder(index) {
                        self.take(None, Holder::Record(RecordState::Recorded, Some(index)), wanted);
                    }
                }
                Deed::Resize(to) => {
                    if S::LIVE.contains(&self.state) && to >= self.balance().taken {
                        self.quantity = to;
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_nothing_is_given_twice_and_nothing_is_lost(deeds in proptest::collection::vec(deed(), 1..80)) {
            let mut world = World { quantity: 40, state: S::Published, takers: Vec::new() };
            for deed in deeds {
                world.done(deed);
                let now = world.balance();
                world.state = settling(world.state, now).map_or(world.state, |step| step.to);
                let parts: Vec<_> = CommitmentStage::ALL.iter().map(|stage| world.sum(&[*stage])).collect();
                prop_assert!(now.remaining() >= 0 && parts.iter().all(|part| *part >= 0));
                prop_assert!(world.takers.iter().all(|(_, taken)| *taken >= 0));
                prop_assert_eq!(parts.iter().sum::<i64>() + now.remaining(), world.quantity);
                // It stays published while anything is not fulfilled.
                prop_assert_eq!(world.state == S::Published, now.fulfilled < world.quantity);
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
