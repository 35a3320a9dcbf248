//! Why somebody stays without, and what a pair would cost.

use proptest::prelude::*;

use super::{Case, cases, pair, plain};
use crate::{Better, Flaw, Left, Mark, Pair, Reason, Shortage, Solution, Unmet, WhyNot, Worth, verify};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_forced_pair_costs_what_is_said(case in cases(5), organisation in 0..5_usize, village in 0..5_usize) {
        let pair = pair(organisation % case.organisations.len(), village % case.villages.len());
        let problem = case.problem();
        let solution = problem.solve();
        let best = solution.assignment();
        let mut forced = case.clone();
        forced.marks[pair.organisation][pair.village] = Mark::Pinned;
        match solution.why_not(pair) {
            WhyNot::Paired => prop_assert!(best.pairs.contains(&pair)),
            WhyNot::Existing => prop_assert_eq!(case.mark(pair), Mark::Existing),
            WhyNot::Forbidden => prop_assert_eq!(case.mark(pair), Mark::Forbidden),
            WhyNot::Full { .. } => prop_assert_eq!(forced.best(), None),
            WhyNot::Costs { score, organisation_price, village_price, excess, loss, dropped, made } => {
                prop_assert_eq!(forced.best(), Some(best.worth - loss));
                prop_assert_eq!(excess, organisation_price + village_price - Worth { wishes: 0, points: score });
                prop_assert!(Worth::ZERO <= excess && excess <= loss);
                // With these changes, it is an assignment that is worth so much less.
                let mut pairs: Vec<Pair> = best.pairs.iter().copied().filter(|pair| !dropped.contains(pair)).collect();
                prop_assert_eq!(pairs.len() + dropped.len(), best.pairs.len());
                pairs.extend(made.iter().chain([&pair]));
                pairs.sort_unstable();
                prop_assert_eq!(problem.worth(&pairs), best.worth - loss);
                match verify(&problem, &pairs, &solution.certificate()) {
                    Ok(_) => prop_assert_eq!(loss, Worth::ZERO),
                    Err(flaw) => prop_assert_eq!(flaw, Flaw::Bound(best.worth)),
                }
            }
        }
    }

    #[test]
    fn whoever_is_left_has_a_reason(case in cases(6)) {
        let problem = case.problem();
        let solution = problem.solve();
        let pairs = &solution.assignment().pairs;
        let taken = |of: fn(&Pair) -> usize, side| {
            let existing = case.pairs().filter(|pair| of(pair) == side && case.mark(*pair) == Mark::Existing).count();
            existing + pairs.iter().filter(|pair| of(pair) == side).count()
        };
        let check = |left: Vec<Left>, capacities: &[u32], of: fn(&Pair) -> usize, with: fn(usize, usize) -> Pair| {
            let expected = |&(side, capacity): &(usize, usize)| capacity > taken(of, side);
            let capacities = capacities.iter().map(|&capacity| capacity as usize).enumerate();
            let free = |(side, capacity)| (side, capacity - taken(of, side));
            let expected: Vec<_> = capacities.filter(expected).map(free).collect();
            let told: Vec<_> = left.iter().map(|left| (left.side, left.places as usize)).collect();
            assert_eq!(told, expected);
            for Left { side, reason, .. } in left {
                let fits = |mark: Mark| {
                    let own = case.pairs().filter(|pair| of(pair) == side && case.mark(*pair) == mark);
                    own.filter(|&pair| problem.score(pair) > 0 && !pairs.contains(&pair)).collect::<Vec<_>>()
                };
                let best = fits(Mark::Open).into_iter().map(|pair| problem.score(pair)).max();
                match reason {
                    Reason::NothingFits { forbidden } => {
                        assert_eq!(best, None);
                        assert_eq!(fits(Mark::Forbidden).len(), forbidden);
                    }
                    Reason::Outbid(better) => {
                        assert_eq!(best, better.first().map(|better| better.score));
                        for Better { side: other, score, price } in better {
                            assert_eq!(problem.score(with(side, other)), score);
                            assert!(price.is_none_or(|price| price >= Worth { wishes: 0, points: score }));
                        }
                    }
                }
            }
        };
        check(solution.organisations_left(), &case.organisations, |pair| pair.organisation, pair);
        check(solution.villages_left(), &case.villages, |pair| pair.village, |village, organisation| pair(organisation, village));
    }

    #[test]
    fn an_unmet_wish_is_a_cut(case in cases(6)) {
        let problem = case.problem();
        let solution = problem.solve();
        check_unmet(&case, &solution)?;
    }
}

fn check_unmet(case: &Case, solution: &Solution) -> Result<(), TestCaseError> {
    let pairs = &solution.assignment().pairs;
    let is_met = |&(organisation, wish): &(usize, &Option<Vec<bool>>)| {
        let has = |pair: Pair| pairs.contains(&pair) || case.mark(pair) == Mark::Existing;
        wish.as_ref().is_none_or(|wished| (0..wished.len()).any(|village| wished[village] && has(pair(organisation, village))))
    };
    let wishes = case.wishes.iter().enumerate();
    let expected: Vec<usize> = wishes.filter(|wish| !is_met(wish)).map(|(organisation, _)| organisation).collect();
    let (mut told, mut competing) = (Vec::new(), Vec::new());
    for unmet in solution.unmet() {
        match unmet {
            Unmet::Full { organisation } => {
                prop_assert_eq!(solution.problem.organisation_places(organisation), 0);
                told.push(organisation);
            }
            Unmet::Short(Shortage { organisations, without, villages, places }) => {
                prop_assert_eq!(organisations.len(), places as usize + without.len());
                prop_assert_eq!(villages.iter().map(|&village| solution.problem.village_places(village)).sum::<u32>(), places);
                for &organisation in &organisations {
                    let wished = case.wishes[organisation].as_ref().unwrap();
                    for village in (0..wished.len()).filter(|&village| wished[village] && !villages.contains(&village)) {
                        let is_open = case.mark(pair(organisation, village)) == Mark::Open;
                        prop_assert!(!is_open || solution.problem.village_places(village) == 0, "another village is open");
                    }
                }
                prop_assert!(without.iter().all(|organisation| organisations.contains(organisation)));
                told.extend(without);
                competing.extend(organisations);
            }
        }
    }
    told.sort_unstable();
    prop_assert_eq!(told, expected);
    let all = competing.len();
    competing.sort_unstable();
    competing.dedup();
    prop_assert_eq!(competing.len(), all, "somebody competes in two shortages");
    Ok(())
}

#[test]
fn who_gives_way_is_named() {
    let problem = plain([1, 1, 1], [1, 1, 1], [[10, 9, 0], [9, 7, 6], [0, 8, 5]]).problem();
    let solution = problem.solve();
    assert_eq!(solution.assignment().pairs, [pair(0, 0), pair(1, 2), pair(2, 1)]);
    let WhyNot::Costs { loss, dropped, made, .. } = solution.why_not(pair(0, 1)) else { panic!("it is possible") };
    assert_eq!(loss, Worth { wishes: 0, points: 1 });
    assert_eq!(dropped, [pair(0, 0), pair(1, 2), pair(2, 1)]);
    assert_eq!(made, [pair(1, 0), pair(2, 2)]);
}

#[test]
fn the_best_that_others_took_are_named() {
    let problem = plain([5, 1], [1; 5], [[9; 5], [6, 7, 5, 7, 7]]).problem();
    let solution = problem.solve();
    let [Left { side: 1, places: 1, reason: Reason::Outbid(better) }] = &solution.organisations_left()[..] else {
        panic!("the second one is outbid")
    };
    let named: Vec<_> = better.iter().map(|better| (better.side, better.score)).collect();
    assert_eq!(named, [(1, 7), (3, 7), (4, 7)]);
    assert!(better.iter().all(|better| better.price >= Some(Worth { wishes: 0, points: 7 })));
}

#[test]
fn pinned_places_are_not_given_up() {
    let mut case = plain([1, 1], [1, 1], [[1, 9], [9, 1]]);
    case.marks[0][0] = Mark::Pinned;
    let problem = case.problem();
    let solution = problem.solve();
    assert_eq!(solution.why_not(pair(0, 0)), WhyNot::Paired);
    assert_eq!(solution.why_not(pair(0, 1)), WhyNot::Full { organisation: true, village: false });
    assert_eq!(solution.why_not(pair(1, 0)), WhyNot::Full { organisation: false, village: true });
    assert_eq!(solution.organisations_left(), []);
    assert_eq!(solution.villages_left(), []);
}

#[test]
fn whoever_competes_for_a_wish_is_named() {
    let mut case = plain([2, 1, 1, 1, 1], [1, 1, 1, 9], [[5, 5, 0, 1]; 5]);
    case.wishes = vec![
        Some(vec![true, true, false, false]),
        Some(vec![true, true, false, false]),
        Some(vec![false, true, false, false]),
        Some(vec![false, false, true, false]),
        Some(vec![false, false, false, false]),
    ];
    let problem = case.problem();
    let solution = problem.solve();
    assert_eq!(solution.assignment().worth.wishes, 3);
    let three = Shortage { organisations: vec![0, 1, 2], without: vec![2], villages: vec![0, 1], places: 2 };
    let nobody = Shortage { organisations: vec![4], without: vec![4], villages: Vec::new(), places: 0 };
    assert_eq!(solution.unmet(), [Unmet::Short(three), Unmet::Short(nobody)]);
}

#[test]
fn a_row_is_searched_as_far_as_it_takes() {
    // All want the first hundred villages. Whoever is forced out finds one far down in the list.
    let (organisations, villages) = (100, 300);
    let score = |village: usize| 1_000 - i64::try_from(village).unwrap();
    let case = Case {
        organisations: vec![1; organisations],
        villages: vec![1; villages],
        scores: vec![(0..villages).map(score).collect(); organisations],
        marks: vec![vec![Mark::Open; villages]; organisations],
        wishes: vec![None; organisations],
    };
    let problem = case.problem();
    let solution = problem.solve();
    assert_eq!(solution.assignment().worth.points, (0..100).map(score).sum::<i64>());
    let WhyNot::Costs { loss, .. } = solution.why_not(pair(0, 299)) else { panic!("it is possible") };
    assert_eq!(loss.points, score(99) - score(299));
    assert!(verify(&problem, &solution.assignment().pairs, &solution.certificate()).is_ok());
}
