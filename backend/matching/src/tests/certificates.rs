//! What proves that an assignment is the best one, and what does not.

use proptest::prelude::*;

use super::{cases, pair, plain};
use crate::{Certificate, Flaw, Mark, Pair, Worth, verify};

fn prices(count: usize) -> impl Strategy<Value = Vec<Worth>> {
    proptest::collection::vec((-1..=2_i64, -2..=14_i64).prop_map(|(wishes, points)| Worth { wishes, points }), count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever prices somebody invents, they prove nothing that is not true.
    #[test]
    fn invented_prices_prove_nothing_wrong(
        (case, organisations, wished, villages) in cases(4).prop_flat_map(|case| {
            let (rows, columns) = (case.organisations.len(), case.villages.len());
            (Just(case), prices(rows), prices(rows), prices(columns))
        }),
        chosen in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let problem = case.problem();
        let best = case.best().unwrap();
        let invented = Certificate { organisations, wished, villages };
        let pairs: Vec<Pair> = case.pairs().zip(chosen).filter(|(_, is_chosen)| *is_chosen).map(|(pair, _)| pair).collect();
        let pinned: Vec<Pair> = case.pairs().filter(|&pair| case.mark(pair) == Mark::Pinned).collect();
        let solution = problem.solve();
        for pairs in [pairs, pinned, solution.assignment().pairs.clone()] {
            for certificate in [&invented, &solution.certificate()] {
                match verify(&problem, &pairs, certificate) {
                    Ok(worth) => prop_assert_eq!(worth, best),
                    Err(Flaw::Bound(bound)) => prop_assert!(bound >= best && problem.worth(&pairs) < bound),
                    Err(_) => {}
                }
            }
        }
    }

    /// A price that is changed proves nothing any more, except where several prices are right.
    #[test]
    fn a_changed_price_proves_the_optimum_or_nothing(case in cases(4), at in 0..8_usize, raise in any::<bool>()) {
        let problem = case.problem();
        let solution = problem.solve();
        let assignment = solution.assignment();
        let mut certificate = solution.certificate();
        let rows = certificate.organisations.len();
        let village = certificate.villages.len();
        let price = if at < 4 { &mut certificate.organisations[at % rows] } else { &mut certificate.villages[at % village] };
        price.points += if raise { 1 } else { -1 };
        match verify(&problem, &assignment.pairs, &certificate) {
            Ok(worth) => prop_assert_eq!(worth, assignment.worth),
            Err(Flaw::Bound(bound)) => prop_assert!(bound > assignment.worth),
            Err(flaw) => prop_assert_eq!(flaw, Flaw::Price),
        }
    }
}

#[test]
fn pairs_that_break_a_demand_are_refused() {
    let mut case = plain([1, 1, 2], [1, 1, 1], [[5, 4, 3], [4, 3, 2], [3, 2, 1]]);
    case.marks[2][2] = Mark::Pinned;
    case.marks[0][1] = Mark::Forbidden;
    let problem = case.problem();
    let solution = problem.solve();
    let (pairs, certificate) = (&solution.assignment().pairs, solution.certificate());
    assert!(verify(&problem, pairs, &certificate).is_ok());

    let refused = |pairs: &[Pair]| verify(&problem, pairs, &certificate).unwrap_err();
    let pinned = pair(2, 2);
    assert_eq!(refused(&[]), Flaw::NotPaired(pinned));
    assert_eq!(refused(&[pinned, pinned]), Flaw::Order);
    assert_eq!(refused(&[pinned, pair(0, 0)]), Flaw::Order);
    assert_eq!(refused(&[pinned, pair(3, 0)]), Flaw::NoSuchPair(pair(3, 0)));
    assert_eq!(refused(&[pair(0, 1), pinned]), Flaw::NotOpen(pair(0, 1)));
    assert_eq!(refused(&[pair(1, 0), pair(1, 1), pinned]), Flaw::OrganisationBeyondCapacity(1));
    assert_eq!(refused(&[pair(0, 0), pair(1, 0), pinned]), Flaw::VillageBeyondCapacity(0));
    assert_eq!(refused(&[pinned]), Flaw::Bound(solution.assignment().worth));
}

#[test]
fn tampered_prices_are_refused() {
    let problem = plain([1, 1], [1, 1], [[10, 9], [9, 1]]).problem();
    let solution = problem.solve();
    let pairs = &solution.assignment().pairs;
    let refused = |tamper: fn(&mut Certificate)| {
        let mut certificate = solution.certificate();
        tamper(&mut certificate);
        verify(&problem, pairs, &certificate).unwrap_err()
    };
    assert_eq!(refused(|it| it.villages.clear()), Flaw::Length);
    assert_eq!(refused(|it| it.organisations.push(Worth::ZERO)), Flaw::Length);
    assert_eq!(refused(|it| it.villages[0].points = -1), Flaw::Price);
    assert_eq!(refused(|it| it.villages[0].points = i64::MAX), Flaw::Price);
    assert_eq!(refused(|it| it.wished[0].points = i64::MIN), Flaw::Price);
    assert_eq!(refused(|it| it.wished[0].points += 1), Flaw::Price);
    assert!(matches!(refused(|it| it.villages[1].points += 100), Flaw::Bound(_)));
    assert!(matches!(refused(|it| it.villages.fill(Worth::ZERO)), Flaw::Bound(_)));
}
