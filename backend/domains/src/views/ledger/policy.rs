//! How the ledger adds up: pure decisions.

use contract::Month;

use crate::households::ledger::Moved;

/// The figures of a month that add up: opening, registered, moved in, relapsed, lifted out, moved out, left, closing.
pub type Sums = [i64; 8];

/// The figures of a month, from the arrivals and departures of all months.
pub fn sums<'a>(moved: impl IntoIterator<Item = &'a Moved>, month: Month) -> Sums {
    let (mut sums, mut gain) = ([0; 8], 0);
    for moved in moved {
        if moved.month.0 < month {
            sums[0] += moved.gain();
        } else if moved.month.0 == month {
            gain += moved.gain();
            let figures = [moved.registered, moved.moved_in, moved.relapsed, moved.lifted_out, moved.moved_out, moved.left];
            sums[1..].iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        }
    }
    sums[7] = sums[0] + gain;
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use platform::coded::Written;

    fn moved() -> impl Strategy<Value = Vec<Moved>> {
        prop::collection::vec((1u32..=12, prop::array::uniform6(0i64..20)), 0..12)
            .prop_map(|months| months.into_iter().map(|(number, figures)| of_month(number, figures)).collect())
    }

    fn of_month(number: u32, [registered, moved_in, relapsed, lifted_out, moved_out, left]: [i64; 6]) -> Moved {
        let month = Written(Month::new(2020, number).unwrap());
        Moved { area_code: "350582104".into(), month, registered, moved_in, relapsed, lifted_out, moved_out, left }
    }

    #[test]
    fn a_month_opens_with_all_that_came_before_and_counts_its_own() {
        let all = [
            of_month(4, [10, 0, 0, 1, 0, 0]),
            of_month(5, [5, 1, 2, 3, 2, 1]),
            of_month(5, [1, 0, 0, 0, 0, 0]),
            of_month(6, [7, 0, 1, 2, 0, 0]),
        ];
        let of = |number| sums(&all, Month::new(2020, number).unwrap());
        assert_eq!([of(3), of(4)], [[0; 8], [0, 10, 0, 0, 1, 0, 0, 9]]);
        assert_eq!([of(5), of(6)], [[9, 6, 1, 2, 3, 2, 1, 12], [12, 7, 0, 1, 2, 0, 0, 18]]);
        assert_eq!(of(7), [18, 0, 0, 0, 0, 0, 0, 18]);
    }

    proptest! {
        #[test]
        fn what_was_there_and_came_less_what_went_is_there(moved in moved(), number in 1u32..12) {
            let month = Month::new(2020, number).unwrap();
            let [opening, registered, moved_in, relapsed, lifted_out, moved_out, left, closing] = sums(&moved, month);
            prop_assert_eq!(opening + registered + moved_in + relapsed - lifted_out - moved_out - left, closing);
            prop_assert_eq!(sums(&moved, month.next())[0], closing);
        }
    }
}
