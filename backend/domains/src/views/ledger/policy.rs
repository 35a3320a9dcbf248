//! What the ledger adds up: pure decisions.

use contract::Month;

use crate::households::ledger::Moved;

/// The figures of a month that add up: opening, registered, relapsed, lifted out, closing.
pub type Sums = [i64; 5];

/// The figures of a month, of what came and went in all months.
pub fn sums<'a>(moved: impl IntoIterator<Item = &'a Moved>, month: Month) -> Sums {
    let (mut opening, mut came) = (0, [0, 0, 0]);
    for moved in moved {
        if moved.month.0 < month {
            opening += moved.registered + moved.relapsed - moved.lifted_out;
        } else if moved.month.0 == month {
            came = [came[0] + moved.registered, came[1] + moved.relapsed, came[2] + moved.lifted_out];
        }
    }
    let [registered, relapsed, lifted_out] = came;
    [opening, registered, relapsed, lifted_out, opening + registered + relapsed - lifted_out]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use platform::coded::Written;

    fn moved() -> impl Strategy<Value = Vec<Moved>> {
        prop::collection::vec((1u32..=12, 0i64..20, 0i64..20, 0i64..20), 0..12).prop_map(|months| {
            let month = |number| Written(Month::new(2020, number).unwrap());
            let one = |(number, registered, relapsed, lifted_out)| Moved {
                area_code: "350582104".into(),
                month: month(number),
                registered,
                relapsed,
                lifted_out,
            };
            months.into_iter().map(one).collect()
        })
    }

    #[test]
    fn a_month_opens_with_all_that_came_before_and_counts_its_own() {
        let moved = |number, registered, relapsed, lifted_out| Moved {
            area_code: "350582104".into(),
            month: Written(Month::new(2020, number).unwrap()),
            registered,
            relapsed,
            lifted_out,
        };
        let all = [moved(4, 10, 0, 1), moved(5, 5, 2, 3), moved(5, 1, 0, 0), moved(6, 7, 1, 2)];
        let of = |number| sums(&all, Month::new(2020, number).unwrap());
        assert_eq!([of(3), of(4)], [[0; 5], [0, 10, 0, 1, 9]]);
        assert_eq!([of(5), of(6), of(7)], [[9, 6, 2, 3, 14], [14, 7, 1, 2, 20], [20, 0, 0, 0, 20]]);
    }

    proptest! {
        #[test]
        fn what_was_there_and_came_less_what_went_is_there(moved in moved(), number in 1u32..12) {
            let month = Month::new(2020, number).unwrap();
            let [opening, registered, relapsed, lifted_out, closing] = sums(&moved, month);
            prop_assert_eq!(opening + registered + relapsed - lifted_out, closing);
            prop_assert_eq!(sums(&moved, month.next())[0], closing);
        }
    }
}
