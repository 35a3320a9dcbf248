//! What the ledger adds up, and what of it is held back: pure decisions.

use contract::Month;

use crate::modules::households::ledger::Moved;

/// Fewer households than this are not told to those who see them in aggregate only.
pub const FEWEST: i64 = 5;

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

/// Which of some numbers are told, where each equation is a set of numbers of which one follows from the others: none below [`FEWEST`], and none that would
/// let one that is held back be reckoned.
pub fn told(numbers: &[i64], equations: &[Vec<usize>]) -> Vec<bool> {
    let mut told: Vec<_> = numbers.iter().map(|&number| number >= FEWEST).collect();
    loop {
        let open = equations.iter().find(|equation| equation.iter().filter(|&&one| !told[one]).count() == 1);
        let Some(equation) = open else { return told };
        match equation.iter().filter(|&&one| told[one]).min_by_key(|&&one| numbers[one]) {
            Some(&least) => told[least] = false,
            // It stands alone, and there is nothing to reckon it from.
            None => return told,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::coded::Written;

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

    proptest! {
        #[test]
        fn what_was_there_and_came_less_what_went_is_there(moved in moved(), number in 1u32..12) {
            let month = Month::new(2020, number).unwrap();
            let [opening, registered, relapsed, lifted_out, closing] = sums(&moved, month);
            prop_assert_eq!(opening + registered + relapsed - lifted_out, closing);
            prop_assert_eq!(sums(&moved, month.next())[0], closing);
        }

        #[test]
        fn nothing_small_is_told_and_nothing_that_tells_of_it(
            rows in prop::collection::vec(prop::collection::vec(0i64..40, 4), 1..6)
        ) {
            // Each row adds up to its last, each column to the last row.
            let mut table: Vec<Vec<i64>> = rows.into_iter().map(|mut row| { row.push(row.iter().sum()); row }).collect();
            table.push((0..5).map(|column| table.iter().map(|row| row[column]).sum()).collect());
            let numbers = table.concat();
            let place = |row: usize, column: usize| row * 5 + column;
            let equations: Vec<Vec<usize>> = (0..table.len())
                .map(|row| (0..5).map(|column| place(row, column)).collect())
                .chain((0..5).map(|column| (0..table.len()).map(|row| place(row, column)).collect()))
                .collect();
            let told = told(&numbers, &equations);
            prop_assert!(numbers.iter().zip(&told).all(|(&number, &told)| !told || number >= FEWEST));
            for equation in &equations {
                prop_assert_ne!(equation.iter().filter(|&&one| !told[one]).count(), 1);
            }
        }
    }
}
