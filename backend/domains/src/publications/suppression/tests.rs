use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;

const SIZE: usize = 9;

fn sum() -> impl Strategy<Value = Sum> {
    subsequence((0..SIZE).collect::<Vec<_>>(), 1..=SIZE)
}

/// Whether two sums of the same numbers are alike in another world.
fn total(numbers: &[i64], sum: &[usize]) -> i64 {
    sum.iter().map(|&number| numbers[number]).sum()
}

proptest! {
    #[test]
    fn whatever_is_shown_another_world_is_possible_for_what_is_held_back(
        numbers in prop::collection::vec(prop_oneof![Just(0i64), 0i64..5, 0i64..40], SIZE),
        kept in prop::collection::vec(sum(), 0..4),
        offered in prop::collection::vec(sum(), 0..20),
    ) {
        let mut suppression = Suppression::default();
        numbers.iter().for_each(|&number| { suppression.number(number); });
        let mut small = Vec::new();
        for sum in kept {
            let near = (suppression.value(&sum) < FEWEST).then_some(0);
            prop_assert!(suppression.hide(sum.clone(), near), "nothing is shown yet");
            small.push((sum, near));
        }
        let (mut shown, mut refused) = (Vec::new(), Vec::new());
        for sum in offered {
            if suppression.offer(&sum) { shown.push(sum) } else { refused.push(sum) }
        }
        let worlds = suppression.worlds();
        let mut told = small.iter().map(|(sum, near)| (sum, *near)).chain(refused.iter().map(|sum| (sum, None)));
        for (sum, near) in &mut told {
            let world = worlds.iter().find(|(of, _)| *of == sum).and_then(|(_, world)| world.as_ref());
            let world = world.expect("a witness");
            prop_assert!(world.iter().all(|number| *number >= 0), "{world:?}");
            prop_assert_ne!(total(world, sum), total(&numbers, sum));
            prop_assert!(near.is_none() || total(world, sum) >= FEWEST, "it may as well be large");
            for shown in &shown {
                prop_assert_eq!(total(world, shown), total(&numbers, shown));
            }
        }
    }

    #[test]
    fn where_nothing_is_held_back_everything_is_shown(
        numbers in prop::collection::vec(0i64..40, SIZE), offered in prop::collection::vec(sum(), 0..30)
    ) {
        let mut suppression = Suppression::default();
        numbers.iter().for_each(|&number| { suppression.number(number); });
        for sum in offered {
            prop_assert!(suppression.offer(&sum));
        }
    }

    #[test]
    fn what_follows_from_what_is_shown_is_shown_and_cannot_be_held_back(numbers in prop::collection::vec(5i64..40, SIZE)) {
        let mut suppression = Suppression::default();
        numbers.iter().for_each(|&number| { suppression.number(number); });
        prop_assert!(suppression.offer(&[0, 1, 2]) && suppression.offer(&[1, 2]));
        prop_assert!(!suppression.hide(vec![0], None));
        prop_assert!(suppression.hide(vec![1], None));
        prop_assert!(!suppression.offer(&[2]), "it would tell the other");
        prop_assert!(suppression.offer(&[0]));
    }
}

#[test]
fn a_sum_of_which_the_parts_are_held_back_does_not_tell_that_they_are_small() {
    let mut suppression = Suppression::default();
    for number in [18, 1, 1] {
        suppression.number(number);
    }
    assert!(suppression.hide(vec![1], Some(0)) && suppression.hide(vec![2], Some(0)));
    assert!(suppression.offer(&[0, 1, 2]));
    // Otherwise both were known to be two together, and neither more than that.
    assert!(!suppression.offer(&[0]));
}
