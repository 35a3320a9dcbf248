//! Derives numbers from known ones and the equations between all of them. This is an oracle for tests: it does not know the rules
//! by which numbers were suppressed.

use std::collections::HashMap;

/// Equations are solved modulo this prime.
const PRIME: i64 = (1 << 31) - 1;

/// Non-negative numbers by name, and the equations between them.
#[derive(Default)]
pub struct Reckoning {
    places: HashMap<String, usize>,
    names: Vec<String>,
    known: Vec<Option<i64>>,
    equations: Vec<Vec<(usize, i64)>>,
}

impl Reckoning {
    fn place(&mut self, name: &str) -> usize {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        self.places.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.known.push(None);
        self.names.len() - 1
    }

    /// Adds a known number. A number is the same wherever it is published.
    pub fn know(&mut self, name: &str, value: i64) {
        let place = self.place(name);
        assert!(self.known[place].is_none_or(|known| known == value), "{name} is {value} and {:?}", self.known[place]);
        self.known[place] = Some(value);
    }

    /// Adds the equation that these numbers, each multiplied by its factor, add up to zero.
    pub fn equation(&mut self, terms: &[(String, i64)]) {
        let terms = terms.iter().map(|(name, times)| (self.place(name), *times)).collect();
        self.equations.push(terms);
    }

    /// The names of the unpublished numbers that can still be derived.
    pub fn follows(&self) -> Vec<&str> {
        let (solved, bounded) = (self.solved(), self.bounded());
        let found = (0..self.names.len()).filter(|&place| self.known[place].is_none() && (solved[place] || bounded[place]));
        found.map(|place| self.names[place].as_str()).collect()
    }

    /// Gaussian elimination over the unknown numbers: one can be derived if nothing else is left in its row.
    fn solved(&self) -> Vec<bool> {
        let width = self.names.len();
        let mut rows: Vec<Vec<i64>> = Vec::new();
        for equation in &self.equations {
            let mut row = vec![0; width];
            for &(place, times) in equation.iter().filter(|(place, _)| self.known[*place].is_none()) {
                row[place] = (row[place] + times).rem_euclid(PRIME);
            }
            rows.push(row);
        }
        let (mut done, mut pivots) = (0, Vec::new());
        for column in 0..width {
            let Some(found) = (done..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
            rows.swap(done, found);
            let by = inverse(rows[done][column]);
            rows[done].iter_mut().for_each(|cell| *cell = *cell * by % PRIME);
            let pivot = rows[done].clone();
            for row in (0..rows.len()).filter(|&row| row != done) {
                let times = rows[row][column];
                if times != 0 {
                    rows[row].iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell = (*cell - times * pivot).rem_euclid(PRIME));
                }
            }
            pivots.push(column);
            done += 1;
        }
        let mut solved = vec![false; width];
        for (row, column) in pivots.into_iter().enumerate() {
            solved[column] = rows[row].iter().filter(|cell| **cell != 0).count() == 1;
        }
        solved
    }

    /// Narrows bounds by other bounds until nothing changes. At first, only non-negativity is known.
    fn bounded(&self) -> Vec<bool> {
        let mut least: Vec<i64> = self.known.iter().map(|known| known.unwrap_or(0)).collect();
        let mut most = self.known.clone();
        let mut changed = true;
        while changed {
            changed = false;
            for equation in &self.equations {
                for &(place, times) in equation.iter().filter(|(place, _)| self.known[*place].is_none()) {
                    // It equals the sum of the others, moved to the other side of the equation.
                    let others =
                        || equation.iter().filter(|(other, _)| *other != place).map(|&(other, its)| (other, -its * times));
                    let lower: Option<i64> = others()
                        .map(|(other, sign)| if sign > 0 { Some(least[other]) } else { most[other].map(|most| -most) })
                        .sum();
                    let upper: Option<i64> =
                        others().map(|(other, sign)| if sign > 0 { most[other] } else { Some(-least[other]) }).sum();
                    if let Some(lower) = lower.filter(|lower| *lower > least[place]) {
                        (least[place], changed) = (lower, true);
                    }
                    if let Some(upper) = upper.filter(|upper| most[place].is_none_or(|most| *upper < most)) {
                        (most[place], changed) = (Some(upper), true);
                    }
                }
            }
        }
        least.iter().zip(most).map(|(least, most)| Some(*least) == most).collect()
    }
}

fn inverse(number: i64) -> i64 {
    let (mut power, mut base, mut left) = (1, number, PRIME - 2);
    while left > 0 {
        if left % 2 == 1 {
            power = power * base % PRIME;
        }
        base = base * base % PRIME;
        left /= 2;
    }
    power
}

/// The figures of a ledger.
pub const FIGURES: [&str; 10] =
    ["opening", "registered", "moved_in", "relapsed", "lifted_out", "moved_out", "left", "closing", "unhelped", "doubly_helped"];

/// The equations of a ledger for areas by code, in consecutive months. Cells are named by area, month and figure.
pub fn ledger(reckoning: &mut Reckoning, codes: &[&str], months: &[String]) {
    let name = |code: &str, month: &str, figure: &str| format!("{code} {month} {figure}");
    for (place, month) in months.iter().enumerate() {
        for code in codes {
            let cell = |figure: &str| name(code, month, figure);
            reckoning.equation(&[
                (cell("opening"), 1),
                (cell("registered"), 1),
                (cell("moved_in"), 1),
                (cell("relapsed"), 1),
                (cell("lifted_out"), -1),
                (cell("moved_out"), -1),
                (cell("left"), -1),
                (cell("closing"), -1),
            ]);
            if code.len() == 6 {
                // Households move within a county.
                reckoning.equation(&[(cell("moved_in"), 1), (cell("moved_out"), -1)]);
            }
            for some in ["unhelped", "doubly_helped"] {
                reckoning.equation(&[(cell("closing"), 1), (cell(some), -1), (cell(&format!("not {some}")), -1)]);
            }
            if let Some(before) = place.checked_sub(1) {
                reckoning.equation(&[(name(code, &months[before], "closing"), 1), (cell("opening"), -1)]);
            }
            let parts: Vec<_> = codes.iter().filter(|part| part.len() == code.len() + 3 && part.starts_with(code)).collect();
            if parts.is_empty() {
                continue;
            }
            for figure in FIGURES {
                let parts = parts.iter().map(|part| (name(part, month, figure), -1));
                let whole = (cell(figure), 1);
                reckoning.equation(&std::iter::once(whole).chain(parts).collect::<Vec<_>>());
            }
        }
    }
}
