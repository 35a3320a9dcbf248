//! Which figures of a publication are shown: pure decisions over all publications of a campaign at once.
//!
//! The numbers behind the figures are those of each town and column (a cell), divided by the publication from which on they are
//! counted. So a figure of the third publication is a sum of what came with the first, the second and the third, and whoever knows
//! that counts rise with time is taken into account. Where a cell has fallen, what was corrected is a number of its own, which is in
//! the earlier publications alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use contract::ledger::FEWEST;
use contract::publications::{FigureDecision, PublicTable};
use entities::publications::Count;

use super::suppression::{Sum, Suppression};

/// What an earlier publication was decided from, with which of its figures it shows.
#[derive(Clone, Debug)]
pub struct Past {
    pub counts: Vec<Count>,
    pub shown: Vec<bool>,
}

/// A cell, or the sum of all towns or of all columns.
type Key<'a> = (PublicTable, Option<&'a str>, Option<&'a str>);

/// Decides about each figure of a new publication, whether it is shown. `whole` is the area of the campaign.
pub fn decide(past: &[Past], counts: &[Count], whole: &str) -> Vec<FigureDecision> {
    let all: Vec<&[Count]> = past.iter().map(|past| &*past.counts).chain([counts]).collect();
    let mut suppression = Suppression::default();
    let numbers = Numbers::of(&mut suppression, &all, whole);
    let told: Vec<HashMap<Key<'_>, i64>> = past.iter().map(|past| past.told(whole)).collect();
    let mut decisions = Vec::new();
    for (publication, counts) in all.iter().enumerate() {
        let shown = past.get(publication).map(|past| &*past.shown);
        let reasons: Vec<_> = counts.iter().map(|count| reason(&told[..publication], key(count, whole), count)).collect();
        // What is too small is held back first, whatever else is shown.
        for (index, (count, (_, near))) in counts.iter().zip(&reasons).enumerate() {
            if shown.map_or(near.is_some(), |shown| !shown[index]) {
                suppression.hide(numbers.sum(key(count, whole), publication), *near);
            }
        }
        decisions = reasons.into_iter().map(|(decision, _)| decision).collect();
        for index in order(counts, whole) {
            let sum = numbers.sum(key(&counts[index], whole), publication);
            match shown {
                Some(shown) if shown[index] => suppression.show(&sum),
                None if decisions[index] == FigureDecision::Shown && !suppression.offer(&sum) => {
                    decisions[index] = FigureDecision::WouldTell;
                }
                _ => {}
            }
        }
    }
    decisions
}

impl Past {
    /// The figures that it shows.
    fn told(&self, whole: &str) -> HashMap<Key<'_>, i64> {
        let shown = self.counts.iter().zip(&self.shown).filter(|(_, shown)| **shown);
        shown.map(|(count, _)| (key(count, whole), count.value)).collect()
    }
}

/// Why a figure may not be shown by itself, and the value that nobody may learn it is near to. `told` is what was shown before.
fn reason(told: &[HashMap<Key<'_>, i64>], key: Key<'_>, count: &Count) -> (FigureDecision, Option<i64>) {
    if count.value.min(count.behind) < FEWEST {
        return (FigureDecision::Small, Some(0));
    }
    // Between two publications one more family may have been helped, and neighbours know which.
    let before = told.iter().filter_map(|told| told.get(&key).copied()).filter(|_| count.table.counts_families());
    let near = before.filter(|before| (1..FEWEST).contains(&(before - count.value).abs()));
    match near.min_by_key(|before| (before - count.value).abs()) {
        Some(before) => (FigureDecision::SmallChange, Some(before)),
        None => (FigureDecision::Shown, None),
    }
}

/// The order in which figures are offered: sums before their parts, and large numbers before small ones, which are of less use.
fn order(counts: &[Count], whole: &str) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&index| {
        let count = &counts[index];
        let (_, town, column) = key(count, whole);
        (usize::from(town.is_some()) + usize::from(column.is_some()), Reverse(count.value), index)
    });
    order
}

fn key<'a>(count: &'a Count, whole: &str) -> Key<'a> {
    (count.table, Some(&*count.area_code).filter(|code| *code != whole), count.column.as_deref())
}

/// Whether a count is a cell, of which all others are sums.
fn is_cell((table, town, column): Key<'_>) -> bool {
    town.is_some() && (column.is_some() || table == PublicTable::Pairings)
}

/// The numbers behind the figures, with the publications in which each is counted: the first, and the last unless it still is.
struct Numbers<'a>(HashMap<Key<'a>, Vec<(usize, usize, Option<usize>)>>);

impl<'a> Numbers<'a> {
    fn of(suppression: &mut Suppression, publications: &[&'a [Count]], whole: &str) -> Self {
        let mut cells: BTreeMap<Key<'a>, Vec<i64>> = BTreeMap::new();
        for (publication, counts) in publications.iter().enumerate() {
            for count in *counts {
                let key = key(count, whole);
                if is_cell(key) {
                    cells.entry(key).or_insert_with(|| vec![0; publications.len()])[publication] = count.value;
                }
            }
        }
        let mut numbers = HashMap::<_, Vec<_>>::new();
        for ((table, town, column), values) in cells {
            let mut sums = vec![(table, town, column), (table, None, column), (table, town, None), (table, None, None)];
            sums.sort_unstable();
            sums.dedup();
            for (value, from, until) in spells(&values) {
                let number = suppression.number(value);
                sums.iter().for_each(|sum| numbers.entry(*sum).or_default().push((number, from, until)));
            }
        }
        Self(numbers)
    }

    /// The numbers that a figure of a publication is the sum of.
    fn sum(&self, key: Key<'_>, publication: usize) -> Sum {
        let all = self.0.get(&key).into_iter().flatten();
        let counted = |from: usize, until: Option<usize>| from <= publication && until.is_none_or(|until| publication <= until);
        all.filter(|&&(_, from, until)| counted(from, until)).map(|&(number, _, _)| number).collect()
    }
}

/// Divides a count that rises and falls into numbers that stay the same from one publication until another. There is one that goes on
/// for each publication, also where nothing came: nobody outside knows.
fn spells(values: &[i64]) -> Vec<(i64, usize, Option<usize>)> {
    let (mut open, mut ended) = (Vec::<(i64, usize)>::new(), Vec::new());
    let mut before = 0;
    for (publication, &value) in values.iter().enumerate() {
        let mut fallen = before - value;
        for (left, from) in open.iter_mut().rev() {
            let gone = fallen.clamp(0, *left);
            if gone > 0 {
                *left -= gone;
                fallen -= gone;
                ended.push((gone, *from, Some(publication - 1)));
            }
        }
        open.push(((value - before).max(0), publication));
        before = value;
    }
    open.into_iter().map(|(value, from)| (value, from, None)).chain(ended).collect()
}

#[cfg(test)]
mod attacker;
