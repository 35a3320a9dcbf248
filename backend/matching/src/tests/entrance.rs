//! What is refused before anything is solved.

use super::{pair, plain, sides};
use crate::{Contradiction, Input, Invalid, List, MAX_PLACES, MAX_SCORE, MAX_SIDE, Mark, Problem, Side, Wish};

fn refused(change: impl FnOnce(&mut Input)) -> Invalid {
    let mut input = Input { organisations: sides(&[2, 1]), villages: sides(&[1, 1, 1]), ..Input::default() };
    change(&mut input);
    Problem::new(input, |_, _| 1).unwrap_err()
}

#[test]
fn limits_are_checked() {
    let many = |count: usize| sides(&vec![1; count]);
    assert_eq!(refused(|it| it.organisations = many(MAX_SIDE + 1)), Invalid::TooMany(List::Organisations));
    assert_eq!(refused(|it| it.villages = many(MAX_SIDE + 1)), Invalid::TooMany(List::Villages));
    let both = |it: &mut Input| (it.organisations, it.villages) = (many(3_200), many(3_200));
    assert_eq!(refused(both), Invalid::TooManyPairs);
    let most = u32::try_from(MAX_PLACES).unwrap();
    assert_eq!(refused(|it| it.villages = sides(&[most, 1])), Invalid::TooManyPlaces(List::Villages));
    assert_eq!(refused(|it| it.organisations = sides(&[u32::MAX, u32::MAX])), Invalid::TooManyPlaces(List::Organisations));
    for score in [MAX_SCORE + 1, -MAX_SCORE - 1, i64::MAX, i64::MIN] {
        let input = Input { organisations: sides(&[1]), villages: sides(&[1, 1]), ..Input::default() };
        let invalid = Problem::new(input, |_, village| if village == 1 { score } else { MAX_SCORE }).unwrap_err();
        assert_eq!(invalid, Invalid::Score(pair(0, 1), score));
    }
}

#[test]
fn sides_stand_in_the_order_of_their_codes() {
    let side = |code: &str| Side { code: code.to_owned(), capacity: 1 };
    let list = List::Organisations;
    assert_eq!(refused(|it| it.organisations = vec![side("b"), side("a")]), Invalid::Order { list, at: 1 });
    assert_eq!(refused(|it| it.organisations = vec![side("a"), side("b"), side("b")]), Invalid::Order { list, at: 2 });
}

#[test]
fn what_does_not_exist_is_named() {
    let wish = |organisation, one_of: &[usize]| Wish { organisation, one_of: one_of.to_vec() };
    assert_eq!(refused(|it| it.existing.push(pair(2, 0))), Invalid::NoSuchPair(pair(2, 0)));
    assert_eq!(refused(|it| it.pinned.push(pair(0, 3))), Invalid::NoSuchPair(pair(0, 3)));
    assert_eq!(refused(|it| it.forbidden.push(pair(9, 9))), Invalid::NoSuchPair(pair(9, 9)));
    assert_eq!(refused(|it| it.wishes.push(wish(1, &[0, 3]))), Invalid::NoSuchPair(pair(1, 3)));
    assert_eq!(refused(|it| it.wishes.push(wish(2, &[]))), Invalid::Wish { organisation: 2 });
    assert_eq!(refused(|it| it.wishes = vec![wish(1, &[0]), wish(1, &[1])]), Invalid::Wish { organisation: 1 });
}

#[test]
fn all_contradictions_are_named() {
    let invalid = refused(|it| {
        it.existing = vec![pair(0, 0)];
        it.pinned = vec![pair(0, 2), pair(0, 1), pair(1, 0), pair(1, 0)];
        it.forbidden = vec![pair(1, 0)];
    });
    assert_eq!(
        invalid,
        Invalid::Contradictions(vec![
            Contradiction::PinnedAndForbidden(pair(1, 0)),
            Contradiction::OrganisationPinnedBeyondCapacity { organisation: 0, capacity: 2, existing: 1, pinned: vec![1, 2] },
            Contradiction::VillagePinnedBeyondCapacity { village: 0, capacity: 1, existing: 1, pinned: vec![1] },
        ])
    );
}

#[test]
fn what_exists_beyond_capacity_contradicts_nothing() {
    let mut case = plain([1, 1], [2, 1], [[1, 5], [1, 1]]);
    case.marks[0] = vec![Mark::Existing, Mark::Existing];
    let problem = case.problem();
    assert_eq!(problem.organisation_places(0), 0);
    assert_eq!(problem.solve().assignment().pairs, [pair(1, 0)]);

    // A pin or a ban of what exists changes nothing.
    let mut input = case.input();
    input.pinned = vec![pair(0, 0)];
    input.forbidden = vec![pair(0, 1)];
    let problem = Problem::new(input, |_, _| 1).unwrap();
    assert_eq!((problem.mark(pair(0, 0)), problem.mark(pair(0, 1))), (Mark::Existing, Mark::Existing));
    assert_eq!(problem.pinned(), []);
}

#[test]
fn nobody_is_a_problem_too() {
    for (organisations, villages) in [(0, 0), (0, 2), (2, 0)] {
        let input =
            Input { organisations: sides(&vec![1; organisations]), villages: sides(&vec![1; villages]), ..Input::default() };
        let problem = Problem::new(input, |_, _| 1).unwrap();
        let solution = problem.solve();
        assert_eq!(crate::verify(&problem, &solution.assignment().pairs, &solution.certificate()), Ok(crate::Worth::ZERO));
        assert_eq!(solution.organisations_left().len() + solution.villages_left().len(), organisations + villages);
    }
}
