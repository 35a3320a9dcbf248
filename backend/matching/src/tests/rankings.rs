//! Stable assignments, against all that there are.

use proptest::prelude::*;

use super::{Case, cases, pair, plain};
use crate::{InvalidRanking, List, MAX_RANKED, Mark, Market, Pair, Problem, Rankings};

/// A problem, and a ranking of some of the others for each.
fn ranked() -> impl Strategy<Value = (Case, Rankings)> {
    cases(4).prop_flat_map(|case| {
        let (rows, columns) = (case.organisations.len(), case.villages.len());
        let some = |count: usize, of: usize| {
            let all = Just((0..of).collect::<Vec<usize>>()).prop_shuffle();
            proptest::collection::vec(
                (all, 0..=of).prop_map(|(mut all, most)| {
                    all.truncate(most);
                    all
                }),
                count,
            )
        };
        let rankings = (some(rows, columns), some(columns, rows));
        (Just(case), rankings.prop_map(|(organisations, villages)| Rankings { organisations, villages }))
    })
}

/// The places that an assignment does not settle, and the pairs that both sides want.
struct Everything<'a> {
    problem: &'a Problem,
    rankings: &'a Rankings,
    wanted: Vec<Pair>,
}

impl Everything<'_> {
    fn new<'a>(case: &Case, problem: &'a Problem, rankings: &'a Rankings) -> Everything<'a> {
        let is_wanted = |pair: &Pair| {
            case.mark(*pair) == Mark::Open
                && rankings.organisations[pair.organisation].contains(&pair.village)
                && rankings.villages[pair.village].contains(&pair.organisation)
        };
        Everything { problem, rankings, wanted: case.pairs().filter(is_wanted).collect() }
    }

    /// All assignments of wanted pairs.
    fn assignments(&self) -> Vec<Vec<Pair>> {
        let sets = (0_u32..1 << self.wanted.len()).map(|set| {
            let chosen = self.wanted.iter().enumerate().filter(|(at, _)| set & 1 << at != 0);
            chosen.map(|(_, &pair)| pair).collect::<Vec<_>>()
        });
        sets.filter(|pairs| pairs.iter().all(|&pair| self.free(pairs, pair, true) >= 0 && self.free(pairs, pair, false) >= 0))
            .collect()
    }

    /// The places that one side of a pair has free.
    fn free(&self, pairs: &[Pair], of: Pair, organisation: bool) -> i64 {
        let (places, taken) = if organisation {
            (
                self.problem.organisation_places(of.organisation),
                pairs.iter().filter(|pair| pair.organisation == of.organisation).count(),
            )
        } else {
            (self.problem.village_places(of.village), pairs.iter().filter(|pair| pair.village == of.village).count())
        };
        i64::from(places) - i64::try_from(taken).unwrap()
    }

    fn rank(&self, of: Pair, organisation: bool) -> usize {
        let (ranking, other) = if organisation {
            (&self.rankings.organisations[of.organisation], of.village)
        } else {
            (&self.rankings.villages[of.village], of.organisation)
        };
        ranking.iter().position(|&ranked| ranked == other).unwrap_or(usize::MAX)
    }

    fn blocks(&self, pairs: &[Pair], new: Pair) -> bool {
        let wants = |organisation: bool, is_same: fn(&Pair, &Pair) -> bool| {
            let has_worse =
                pairs.iter().any(|pair| is_same(pair, &new) && self.rank(*pair, organisation) > self.rank(new, organisation));
            self.free(pairs, new, organisation) > 0 || (has_worse && self.free(pairs, new, organisation) == 0)
        };
        let has_places = self.problem.organisation_places(new.organisation) > 0 && self.problem.village_places(new.village) > 0;
        has_places
            && !pairs.contains(&new)
            && wants(true, |one, other| one.organisation == other.organisation)
            && wants(false, |one, other| one.village == other.village)
    }

    fn blocking(&self, pairs: &[Pair]) -> Vec<Pair> {
        self.wanted.iter().copied().filter(|&new| self.blocks(pairs, new)).collect()
    }

    /// Whether everybody on a side chooses the first assignment from all partners of both.
    fn prefers(&self, first: &[Pair], second: &[Pair], organisation: bool) -> bool {
        let side = |pair: &Pair| if organisation { pair.organisation } else { pair.village };
        self.wanted.iter().all(|&of| {
            let mine = |pairs: &[Pair]| pairs.iter().copied().filter(|pair| side(pair) == side(&of)).collect::<Vec<_>>();
            let mut choice = [mine(first), mine(second)].concat();
            choice.sort_by_key(|&pair| self.rank(pair, organisation));
            choice.dedup();
            let places = if organisation {
                self.problem.organisation_places(of.organisation)
            } else {
                self.problem.village_places(of.village)
            };
            choice.truncate(places as usize);
            choice.sort_unstable();
            choice == mine(first)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_side_has_its_best_stable_assignment((case, rankings) in ranked()) {
        let problem = case.problem();
        let market = Market::new(&problem, rankings.clone()).unwrap();
        let everything = Everything::new(&case, &problem, &rankings);
        prop_assume!(everything.wanted.len() <= 10);
        let without_pinned = |pairs: Vec<Pair>| -> Vec<Pair> {
            let (pinned, chosen): (Vec<Pair>, Vec<Pair>) = pairs.into_iter().partition(|&pair| case.mark(pair) == Mark::Pinned);
            assert_eq!(pinned, problem.pinned());
            chosen
        };
        let organisations = without_pinned(market.best_for_organisations());
        let villages = without_pinned(market.best_for_villages());
        let stable: Vec<_> = everything.assignments().into_iter().filter(|pairs| everything.blocking(pairs).is_empty()).collect();
        prop_assert!(stable.contains(&organisations) && stable.contains(&villages));
        for other in &stable {
            prop_assert!(everything.prefers(&organisations, other, true));
            prop_assert!(everything.prefers(&villages, other, false));
        }
    }

    #[test]
    fn blocking_pairs_are_all_found((case, rankings) in ranked()) {
        let problem = case.problem();
        let market = Market::new(&problem, rankings.clone()).unwrap();
        let everything = Everything::new(&case, &problem, &rankings);
        let assignment = problem.solve().assignment().pairs.clone();
        let chosen: Vec<Pair> = assignment.iter().copied().filter(|&pair| case.mark(pair) == Mark::Open).collect();
        prop_assert_eq!(market.blocking(&assignment), everything.blocking(&chosen));
        prop_assert_eq!(market.blocking(&market.best_for_organisations()), []);
        prop_assert_eq!(market.blocking(&market.best_for_villages()), []);
    }
}

#[test]
fn both_sides_may_want_different_things() {
    let problem = plain([1, 1], [1, 1], [[1; 2]; 2]).problem();
    let rankings = Rankings { organisations: vec![vec![0, 1], vec![1, 0]], villages: vec![vec![1, 0], vec![0, 1]] };
    let market = Market::new(&problem, rankings.clone()).unwrap();
    assert_eq!(market.best_for_organisations(), [pair(0, 0), pair(1, 1)]);
    assert_eq!(market.best_for_villages(), [pair(0, 1), pair(1, 0)]);
}

#[test]
fn rankings_that_cannot_be_used_are_named() {
    let problem = plain([1; 12], [1], [[1]; 12]).problem();
    let empty = Rankings { organisations: vec![Vec::new(); 12], villages: vec![Vec::new()] };
    let refused = |change: fn(&mut Rankings)| {
        let mut rankings = empty.clone();
        change(&mut rankings);
        Market::new(&problem, rankings.clone()).unwrap_err()
    };
    let (list, side) = (List::Villages, 0);
    assert_eq!(refused(|it| it.villages[0] = (0..=MAX_RANKED).collect()), InvalidRanking::TooMany { list, side });
    assert_eq!(refused(|it| it.villages[0] = vec![12]), InvalidRanking::Unknown { list, side });
    assert_eq!(refused(|it| it.villages[0] = vec![3, 4, 3]), InvalidRanking::Twice { list, side });
    assert_eq!(refused(|it| it.villages.clear()), InvalidRanking::Length(list));
    assert_eq!(refused(|it| it.organisations[11] = vec![1]), InvalidRanking::Unknown { list: List::Organisations, side: 11 });
}
