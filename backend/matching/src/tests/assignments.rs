//! The best assignment, and the greedy one.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::{Case, cases, pair, plain, sized};
use crate::{Flaw, MAX_SCORE, Mark, Pair, Problem, Side, Wish, Worth, verify};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_assignment_is_worth_more(case in cases(6)) {
        let problem = case.problem();
        let solution = problem.solve();
        let assignment = solution.assignment();
        prop_assert_eq!(Some(assignment.worth), case.best());
        prop_assert_eq!(verify(&problem, &assignment.pairs, &solution.certificate()), Ok(assignment.worth));
        for &pair in &assignment.pairs {
            let is_wished = case.wishes[pair.organisation].as_ref().is_some_and(|wished| wished[pair.village]);
            let is_pinned = problem.mark(pair) == Mark::Pinned;
            prop_assert!(problem.score(pair) > 0 || is_pinned || is_wished, "{:?} is worth nothing", pair);
        }
    }

    #[test]
    fn greedy_takes_the_best_that_is_left(case in cases(6)) {
        let problem = case.problem();
        let solution = problem.solve();
        let greedy = solution.greedy();
        prop_assert_eq!(&greedy.pairs, &greedily(&case, &problem));
        prop_assert_eq!(greedy.worth, problem.worth(&greedy.pairs));
        prop_assert!(greedy.worth <= solution.assignment().worth);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// More villages than an organisation looks at in the beginning; the proof is checked against all of them.
    #[test]
    fn what_was_not_looked_at_would_not_have_mattered(case in sized(40, 90, 1_000), rival in sized(90, 40, 5)) {
        for case in [case, rival] {
            let problem = case.problem();
            let solution = problem.solve();
            let assignment = solution.assignment();
            prop_assert_eq!(verify(&problem, &assignment.pairs, &solution.certificate()), Ok(assignment.worth));
        }
    }
}

/// As a person would, with a list of all pairs.
fn greedily(case: &Case, problem: &Problem) -> Vec<Pair> {
    let mut taken: Vec<Pair> = case.pairs().filter(|&pair| case.mark(pair) == Mark::Pinned).collect();
    let mut all: Vec<Pair> = case.pairs().filter(|&pair| case.mark(pair) == Mark::Open).collect();
    all.sort_by_key(|&pair| (Reverse(problem.score(pair)), pair));
    let fits = |taken: &[Pair], new: Pair| {
        let has = |of: fn(&Pair) -> usize| {
            let chosen = taken.iter().filter(|pair| of(pair) == of(&new)).count();
            let existing = case.pairs().filter(|pair| of(pair) == of(&new) && case.mark(*pair) == Mark::Existing).count();
            u32::try_from(chosen + existing).unwrap()
        };
        !taken.contains(&new)
            && has(|pair| pair.organisation) < case.organisations[new.organisation]
            && has(|pair| pair.village) < case.villages[new.village]
    };
    for &new in &all {
        let Some(wished) = &case.wishes[new.organisation] else { continue };
        let is_met = |village: usize| {
            let pair = Pair { village, ..new };
            wished[village] && (taken.contains(&pair) || case.mark(pair) == Mark::Existing)
        };
        if wished[new.village] && !(0..wished.len()).any(is_met) && fits(&taken, new) {
            taken.push(new);
        }
    }
    for new in all {
        if problem.score(new) > 0 && fits(&taken, new) {
            taken.push(new);
        }
    }
    taken.sort_unstable();
    taken
}

#[test]
fn the_whole_comes_before_the_best_single_pair() {
    let problem = plain([1, 1], [1, 1], [[10, 9], [9, 1]]).problem();
    let solution = problem.solve();
    assert_eq!(solution.assignment().pairs, [pair(0, 1), pair(1, 0)]);
    assert_eq!(solution.greedy().pairs, [pair(0, 0), pair(1, 1)]);
}

#[test]
fn the_same_two_are_paired_once() {
    let problem = plain([3], [3, 1], [[9, 2]]).problem();
    let assignment = problem.solve().assignment().clone();
    assert_eq!((assignment.pairs, assignment.worth.points), (vec![pair(0, 0), pair(0, 1)], 11));
}

#[test]
fn equals_share_in_the_order_of_their_codes() {
    let problem = plain([2, 2, 2], [1, 1, 1, 1], [[5; 4]; 3]).problem();
    assert_eq!(problem.solve().assignment().pairs, [pair(0, 0), pair(0, 3), pair(1, 1), pair(2, 2)]);
    let problem = plain([1, 1], [1], [[5], [5]]).problem();
    assert_eq!(problem.solve().assignment().pairs, [pair(0, 0)]);
}

#[test]
fn a_wish_comes_before_points() {
    let mut case = plain([1, 1], [1, 1], [[MAX_SCORE, 0], [1, -MAX_SCORE]]);
    assert_eq!(case.problem().solve().assignment().pairs, [pair(0, 0)]);
    case.wishes = vec![None, Some(vec![true, true])];
    let problem = case.problem();
    let assignment = problem.solve().assignment().clone();
    assert_eq!(assignment.worth, Worth { wishes: 1, points: 1 });
    assert_eq!(assignment.pairs, [pair(1, 0)]);
}

#[test]
fn the_largest_scores_do_not_overflow() {
    // As many places as the limits allow, all of them at stake, and a wish that costs the most.
    let organisations = crate::MAX_SIDE;
    let side = |number: usize| Side { code: format!("{number:06}"), capacity: 10 };
    let input = crate::Input {
        organisations: (0..organisations).map(side).collect(),
        villages: (0..1_000).map(|number| Side { capacity: 100, ..side(number) }).collect(),
        wishes: (0..organisations).map(|organisation| Wish { organisation, one_of: vec![organisation % 7] }).collect(),
        ..crate::Input::default()
    };
    let problem = Problem::new(input, |organisation, village| {
        if village < 7 { -MAX_SCORE } else { MAX_SCORE - i64::try_from((organisation + village) % 5).unwrap() }
    })
    .unwrap();
    let solution = problem.solve();
    let assignment = solution.assignment();
    assert_eq!(assignment.worth.wishes, 700);
    assert_eq!(verify(&problem, &assignment.pairs, &solution.certificate()), Ok(assignment.worth));
    let fewer = &assignment.pairs[1..];
    assert_eq!(verify(&problem, fewer, &solution.certificate()), Err(Flaw::Bound(assignment.worth)));
}

#[test]
fn what_is_stopped_gives_nothing_and_what_is_not_the_same() {
    let places = vec![2; 3];
    let case = Case {
        organisations: places.clone(),
        villages: places,
        scores: vec![vec![3, 2, 1]; 3],
        marks: vec![vec![Mark::Open; 3]; 3],
        wishes: vec![None; 3],
    };
    let problem = case.problem();
    let mut asked = 0;
    let solved = problem.solve_while(|| {
        asked += 1;
        true
    });
    assert_eq!(solved.unwrap().assignment(), problem.solve().assignment());
    assert_eq!(asked, 6, "before each place");
    assert!(problem.solve_while(|| false).is_none());
}
