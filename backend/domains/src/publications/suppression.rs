//! Which sums can be shown without telling those that are held back. All functions are pure, and exact.
//!
//! The sums are over numbers that nobody knows and that are not negative, such as how many families of a town received something in
//! a month. Gaussian elimination is done on the side of what stays unknown: instead of the equations that are shown, their null space
//! is kept, as integer vectors by which the numbers could all be others without any shown sum being another. To show one more sum is
//! to eliminate one of them. A sum is told by what is shown if none of them moves it.
//!
//! Linear algebra alone is not enough, because whoever computes also knows that counts are not negative. So each sum that is held
//! back keeps a witness: one vector that moves it and that leaves every number at zero or above. The witness is another world, with
//! the same shown sums and another number behind what is held back. No computation can tell the two apart, however clever.

use std::cmp::Reverse;

use contract::ledger::FEWEST;

/// Some of the numbers, each once, in order.
pub type Sum = Vec<usize>;

/// More than any count, where nothing limits how far a vector can be followed.
const FAR: i64 = 1 << 40;
/// How many vectors are tried as the one to eliminate.
const TRIES: usize = 6;
/// Longer vectors are given up. That holds back more than would be needed, and never less.
const LONGEST: usize = 4096;

/// A vector by which the numbers could be others.
#[derive(Clone, Debug, Default)]
struct Shift {
    /// Factors of some numbers, none of them zero, in order. Empty once it is eliminated.
    parts: Vec<(usize, i64)>,
    /// How many times it can be added and subtracted before a number is below zero.
    up: i64,
    down: i64,
    /// The held back sums whose witness it is, or was.
    witness_of: Vec<usize>,
}

/// A sum that is held back.
#[derive(Clone, Debug)]
struct Hidden {
    sum: Sum,
    value: i64,
    /// Nobody may learn that the value is within [`FEWEST`] of this. `None` if only the value itself may not be told.
    near: Option<i64>,
    witness: Option<usize>,
}

/// What is shown and what is held back so far.
#[derive(Debug, Default)]
pub struct Suppression {
    numbers: Vec<i64>,
    shifts: Vec<Shift>,
    /// The vectors that move each number. It may name some that no longer do.
    movers: Vec<Vec<usize>>,
    hidden: Vec<Hidden>,
}

impl Suppression {
    /// Adds a number, which is free to be any other.
    pub fn number(&mut self, value: i64) -> usize {
        debug_assert!(value >= 0, "counts are not negative");
        let number = self.numbers.len();
        self.numbers.push(value);
        self.movers.push(vec![self.shifts.len()]);
        self.shifts.push(self.shift(vec![(number, 1)]));
        number
    }

    /// The value of a sum.
    pub fn value(&self, sum: &[usize]) -> i64 {
        sum.iter().map(|&number| self.numbers[number]).sum()
    }

    /// Holds a sum back from now on. If `near` is given, nobody learns either that the value is within [`FEWEST`] of it. Returns false
    /// if what is shown tells it already.
    pub fn hide(&mut self, sum: Sum, near: Option<i64>) -> bool {
        let mut hidden = Hidden { value: self.value(&sum), sum, near, witness: None };
        let mut moved = self.moved(&hidden.sum).into_iter();
        hidden.witness = moved.find(|&(shift, by)| hidden.accepts(&self.shifts[shift], by)).map(|(shift, _)| shift);
        let Some(witness) = hidden.witness else { return false };
        self.shifts[witness].witness_of.push(self.hidden.len());
        self.hidden.push(hidden);
        true
    }

    /// Shows a sum if that tells nothing that is held back, and else holds it back. Returns whether it is shown.
    pub fn offer(&mut self, sum: &[usize]) -> bool {
        // Where it has no witness of its own, nothing that moves it is one, and so it tells nothing.
        self.eliminate(sum, false) || !self.hide(sum.to_vec(), None) && self.eliminate(sum, true)
    }

    /// Shows a sum that was shown before, whatever it tells.
    pub fn show(&mut self, sum: &[usize]) {
        if !self.eliminate(sum, false) {
            self.eliminate(sum, true);
        }
    }

    /// The vectors that move a sum, and by how much. Forgets those that no longer move its numbers.
    fn moved(&mut self, sum: &[usize]) -> Vec<(usize, i64)> {
        let mut found = Vec::new();
        for &number in sum {
            let shifts = &self.shifts;
            self.movers[number].retain(|&shift| shifts[shift].moves(number));
            found.extend_from_slice(&self.movers[number]);
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|shift| (shift, self.shifts[shift].by(sum))).filter(|&(_, by)| by != 0).collect()
    }

    /// Eliminates one of the vectors that move a sum, so that it is shown. If that took the last witness from something that is held
    /// back, it happens only if `anyway`. Returns whether the sum is shown.
    fn eliminate(&mut self, sum: &[usize], anyway: bool) -> bool {
        let moved = self.moved(sum);
        if moved.is_empty() {
            return true;
        }
        let shifts = &self.shifts;
        let mut relying: Vec<usize> = moved.iter().flat_map(|&(shift, _)| shifts[shift].witness_of.iter().copied()).collect();
        relying.sort_unstable();
        relying.dedup();
        relying.retain(|&hidden| moved.iter().any(|&(shift, _)| self.hidden[hidden].witness == Some(shift)));
        // One that can be followed both ways leaves the others so; short ones over large numbers make short ones that lead far.
        let mut pivots: Vec<usize> = (0..moved.len()).collect();
        let quality = |&at: &usize| {
            let shift = &shifts[moved[at].0];
            (shift.room() == 0, shift.parts.len(), Reverse(shift.room()), at)
        };
        if pivots.len() > TRIES {
            pivots.select_nth_unstable_by_key(TRIES, quality);
            pivots.truncate(TRIES);
        }
        pivots.sort_unstable_by_key(quality);
        for (attempt, &pivot) in pivots.iter().enumerate() {
            let (gone, by) = moved[pivot];
            let others = moved.iter().filter(|&&(shift, _)| shift != gone);
            let remade = others.map(|&(shift, of)| (shift, self.combined(shift, by, gone, of)));
            let remade: Vec<(usize, Shift)> = remade.chain([(gone, Shift::default())]).collect();
            let witnesses: Vec<_> = relying.iter().map(|&hidden| (hidden, self.another(hidden, &remade))).collect();
            if witnesses.iter().all(|(_, witness)| witness.is_some()) || anyway && attempt + 1 == pivots.len() {
                self.take(remade, witnesses);
                return true;
            }
        }
        false
    }

    /// `by` times one vector minus `of` times the one that is eliminated: what it becomes when the sum that they move by `of` and `by`
    /// is shown. It is empty if the factors grow too large.
    fn combined(&self, shift: usize, by: i64, gone: usize, of: i64) -> Shift {
        let (mut left, mut right) = (self.shifts[shift].parts.iter().peekable(), self.shifts[gone].parts.iter().peekable());
        let mut parts = Vec::with_capacity(left.len() + right.len());
        let mut common = 0;
        loop {
            let number = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(&&(number, _)), None) | (None, Some(&&(number, _))) => number,
                (Some(&&(one, _)), Some(&&(other, _))) => one.min(other),
            };
            let a = left.next_if(|(at, _)| *at == number).map_or(0, |&(_, factor)| factor);
            let b = right.next_if(|(at, _)| *at == number).map_or(0, |&(_, factor)| factor);
            let factor = i128::from(by) * i128::from(a) - i128::from(of) * i128::from(b);
            if factor != 0 {
                common = gcd(common, factor.unsigned_abs());
                parts.push((number, factor));
            }
        }
        let divided =
            |(number, factor): (usize, i128)| Some((number, i64::try_from(factor / i128::try_from(common).ok()?).ok()?));
        let parts: Option<Vec<_>> = parts.into_iter().map(divided).collect();
        self.shift(parts.filter(|parts| parts.len() <= LONGEST).unwrap_or_default())
    }

    /// A vector, and how far it can be followed.
    fn shift(&self, parts: Vec<(usize, i64)>) -> Shift {
        let limit = |sign: i64| {
            let falling = parts.iter().filter(|(_, factor)| factor * sign < 0);
            falling.map(|&(number, factor)| self.numbers[number] / factor.abs()).min().unwrap_or(FAR)
        };
        let (up, down) = (limit(1), limit(-1));
        Shift { parts, up, down, witness_of: Vec::new() }
    }

    /// A witness for a held back sum when some vectors are remade: first among these.
    fn another(&mut self, hidden: usize, remade: &[(usize, Shift)]) -> Option<usize> {
        let held = self.hidden[hidden].clone();
        let found = remade.iter().find(|(_, shift)| held.accepts(shift, shift.by(&held.sum))).map(|&(shift, _)| shift);
        found.or_else(|| {
            let stays = |shift: usize| remade.iter().all(|&(other, _)| other != shift);
            let mut moved = self.moved(&held.sum).into_iter();
            moved.find(|&(shift, by)| held.accepts(&self.shifts[shift], by) && stays(shift)).map(|(shift, _)| shift)
        })
    }

    /// Puts the remade vectors into the place of what they were, and names the new witnesses.
    fn take(&mut self, remade: Vec<(usize, Shift)>, witnesses: Vec<(usize, Option<usize>)>) {
        for (at, shift) in remade {
            let before = std::mem::replace(&mut self.shifts[at], shift);
            let after = &self.shifts[at];
            for &(number, _) in after.parts.iter().filter(|(number, _)| !before.moves(*number)) {
                self.movers[number].push(at);
            }
        }
        for (hidden, witness) in witnesses {
            self.hidden[hidden].witness = witness;
            if let Some(shift) = witness {
                self.shifts[shift].witness_of.push(hidden);
            }
        }
    }

    /// The numbers of another world for each held back sum, by which nothing that is shown would be different.
    #[cfg(test)]
    fn worlds(&self) -> Vec<(&Sum, Option<Vec<i64>>)> {
        let world = |hidden: &Hidden| {
            let shift = &self.shifts[hidden.witness?];
            let times = hidden.times(shift, shift.by(&hidden.sum))?;
            let mut numbers = self.numbers.clone();
            shift.parts.iter().for_each(|&(number, factor)| numbers[number] += times * factor);
            Some(numbers)
        };
        self.hidden.iter().map(|hidden| (&hidden.sum, world(hidden))).collect()
    }
}

impl Shift {
    fn moves(&self, number: usize) -> bool {
        self.parts.binary_search_by_key(&number, |&(at, _)| at).is_ok()
    }

    /// By how much it moves a sum.
    fn by(&self, sum: &[usize]) -> i64 {
        let of = |number: &usize| self.parts.binary_search_by_key(number, |&(at, _)| at).map_or(0, |at| self.parts[at].1);
        if sum.len() < self.parts.len() {
            return sum.iter().map(of).sum();
        }
        self.parts.iter().filter(|(number, _)| sum.binary_search(number).is_ok()).map(|(_, factor)| factor).sum()
    }

    /// How far it can be followed in both directions.
    fn room(&self) -> i64 {
        self.up.min(self.down)
    }
}

impl Hidden {
    /// Whether a vector that moves it by `by` shows that it could be another.
    fn accepts(&self, shift: &Shift, by: i64) -> bool {
        self.times(shift, by).is_some()
    }

    /// How many times the vector is added so that the value is another, and one that is far enough away.
    fn times(&self, shift: &Shift, by: i64) -> Option<i64> {
        let enough = |times: i64| {
            let other = times.saturating_mul(by).saturating_add(self.value);
            other != self.value && self.near.is_none_or(|near| other.abs_diff(near) >= FEWEST.unsigned_abs())
        };
        // Once beyond that, it is farther away with each time.
        let far = FEWEST + self.near.map_or(0, |near| self.value.abs_diff(near).try_into().unwrap_or(FAR));
        [shift.up.min(far), -shift.down.min(far)].into_iter().find(|&times| enough(times))
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
