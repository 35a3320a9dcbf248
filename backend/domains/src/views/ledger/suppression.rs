//! What of the ledger is held back from those who see households in aggregate only: pure decisions.

use std::collections::HashMap;

use contract::Month;
use contract::ledger::FEWEST;

use crate::households::ledger::Moved;

/// What is told of some months, county by county.
#[derive(Debug)]
pub struct Told<'a> {
    counties: Vec<Decided<'a>>,
}

#[derive(Debug)]
struct Decided<'a> {
    county: County<'a>,
    /// Of each area, in the order of the ledger's figures.
    months: HashMap<Month, Vec<[bool; 7]>>,
}

impl<'a> Told<'a> {
    /// Of the areas of whole counties, of what came and went in their villages, and of how many households were helped by nobody and by several at the end of
    /// the last of the months.
    pub fn new(
        codes: impl IntoIterator<Item = &'a str>,
        moved: &'a [Moved],
        at_the_end: [&[(String, i64)]; 2],
        months: &[Month],
    ) -> Self {
        let mut counties: HashMap<&str, Vec<&str>> = HashMap::new();
        for code in codes {
            if let Some(county) = code.get(..6) {
                counties.entry(county).or_default().push(code);
            }
        }
        let counties = counties.into_values().map(|codes| {
            let county = County::new(codes, moved);
            let published = |month: &Month| {
                let last =
                    at_the_end.map(|counts| (months.last() == Some(month)).then(|| county.published_closing(*month, counts)));
                let of = |figure: usize, place: usize| last[figure].as_ref().is_some_and(|told| told[place]);
                let published = county.published(*month).into_iter().enumerate();
                (*month, published.map(|(place, [a, b, c, d, e])| [a, b, c, d, e, of(0, place), of(1, place)]).collect())
            };
            let months = months.iter().map(published).collect();
            Decided { county, months }
        });
        Self { counties: counties.collect() }
    }

    /// Which figures of an area are told in a month. Of what is larger than a county only what each of its counties tells, so that it tells nothing new.
    pub fn of(&self, code: &str, month: Month) -> [bool; 7] {
        let within = |decided: &&Decided| {
            let county = decided.county.codes.first().copied().unwrap_or_default();
            county.starts_with(code) || code.starts_with(county)
        };
        let of = |decided: &Decided| {
            let place = if code.len() < 6 { Some(0) } else { decided.county.place(code) };
            place.and_then(|place| decided.months.get(&month)?.get(place).copied()).unwrap_or_default()
        };
        let both = |a: [bool; 7], b: [bool; 7]| std::array::from_fn(|figure| a[figure] && b[figure]);
        self.counties.iter().filter(within).map(of).reduce(both).unwrap_or_default()
    }
}

/// What is told of a county to those who see households in aggregate only. It is decided of the whole county, month by month, and used wherever a figure of it
/// is told: two answers that hold back different numbers would tell both.
///
/// Hidden are the numbers below [`FEWEST`], and enough others that none of them can be reckoned. Two things tie the figures together:
///
/// - *An area is the sum of its parts.* Where a part is hidden, the hidden parts are two at least and together no fewer than [`FEWEST`]; where an area is
///   hidden, so are its parts. So one hidden part can always be more, and another less.
/// - *Opening and what came, less what went, is closing*, which is the opening of the next month. Only the larger of registered and relapsed may be told alone.
///   The smaller and lifted out are hidden together, and wherever the larger, the opening or the closing is hidden: so a month can always have seen one more
///   come and one more go. Where they are told of an area and not of its parts, enough households must have come and gone in one and the same part; else what
///   its parts have gained and lost would tell which of the two it was.
///
/// A month is decided of its own figures alone: what is told of it stays told, whatever comes.
#[derive(Debug)]
pub struct County<'a> {
    /// In their order, so that each stands before its parts.
    codes: Vec<&'a str>,
    /// The parts of each.
    parts: Vec<Vec<usize>>,
    /// What came and went, with its place among the areas.
    moved: Vec<(usize, &'a Moved)>,
}

impl<'a> County<'a> {
    /// Of all areas of a county, itself included, and of what came and went in its villages.
    pub fn new(codes: impl IntoIterator<Item = &'a str>, moved: impl IntoIterator<Item = &'a Moved>) -> Self {
        let mut codes: Vec<_> = codes.into_iter().collect();
        codes.sort_unstable();
        let mut parts = vec![Vec::new(); codes.len()];
        for (place, code) in codes.iter().enumerate() {
            // Nine digits name a town, six a county.
            let around = code.len().checked_sub(3).and_then(|digits| codes.binary_search(&&code[..digits]).ok());
            if let Some(around) = around {
                parts[around].push(place);
            }
        }
        let moved = moved.into_iter().filter_map(|moved| Some((codes.binary_search(&moved.area_code.as_str()).ok()?, moved)));
        let moved = moved.collect();
        Self { codes, parts, moved }
    }

    /// Where an area stands.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.codes.binary_search(&code).ok()
    }

    /// Which of the figures that add up are told of each area.
    pub fn published(&self, month: Month) -> Vec<[bool; 5]> {
        let came = |value: fn(&Moved) -> i64| {
            self.add_up(
                self.moved.iter().filter(|(_, moved)| moved.month.0 == month).map(|(place, moved)| (*place, value(moved))),
            )
        };
        let came = [came(|moved| moved.registered), came(|moved| moved.relapsed), came(|moved| moved.lifted_out)];
        let opening = self.tell(&[&self.at_the_end(month.previous())], |_| true);
        let closing = self.tell(&[&self.at_the_end(month)], |_| true);
        let (more, less) = if came[0].first() >= came[1].first() { (0, 1) } else { (1, 0) };
        let (less_came, gone) = (&came[less], &came[2]);
        let villages = (0..self.codes.len()).filter(|&place| self.parts[place].is_empty());
        let both = self.add_up(villages.map(|place| (place, less_came[place].min(gone[place]))));
        let larger = self.tell(&[&came[more]], |_| true);
        let others = self.tell(&[less_came, gone, &both], |place| opening[place] && closing[place] && larger[place]);
        let cells = (0..self.codes.len()).map(|place| {
            let mut told = [opening[place], others[place], others[place], others[place], closing[place]];
            told[1 + more] = larger[place];
            told
        });
        cells.collect()
    }

    /// In which areas is told how many households of those at the end of a month are of some kind: both these and the others are enough.
    pub fn published_closing(&self, month: Month, counts: &[(String, i64)]) -> Vec<bool> {
        let counts = self.add_up(counts.iter().filter_map(|(code, count)| Some((self.place(code)?, *count))));
        let others: Vec<_> = self.at_the_end(month).iter().zip(&counts).map(|(all, count)| all - count).collect();
        self.tell(&[&counts, &others], |_| true)
    }

    /// How many there were in each area at the end of a month.
    fn at_the_end(&self, month: Month) -> Vec<i64> {
        let until = self.moved.iter().filter(|(_, moved)| moved.month.0 <= month);
        self.add_up(until.map(|(place, moved)| (*place, moved.registered + moved.relapsed - moved.lifted_out)))
    }

    /// The sum of each area, of numbers by place.
    fn add_up(&self, numbers: impl Iterator<Item = (usize, i64)>) -> Vec<i64> {
        let mut sums = vec![0; self.codes.len()];
        for (place, number) in numbers {
            sums[place] += number;
        }
        for place in (0..sums.len()).rev() {
            sums[place] += self.parts[place].iter().map(|&part| sums[part]).sum::<i64>();
        }
        sums
    }

    /// In which areas some figures are told, all of them or none: only where they are enough, and where they `may` be.
    fn tell(&self, figures: &[&[i64]], may: impl Fn(usize) -> bool) -> Vec<bool> {
        let enough =
            |places: &[usize]| figures.iter().all(|figure| places.iter().map(|&place| figure[place]).sum::<i64>() >= FEWEST);
        let is_told = |place: usize| may(place) && enough(&[place]);
        let mut told = vec![false; self.codes.len()];
        if let Some(whole) = told.first_mut() {
            *whole = is_told(0);
        }
        for place in 0..told.len() {
            if !told[place] {
                continue;
            }
            let (mut shown, mut hidden): (Vec<_>, Vec<_>) = self.parts[place].iter().copied().partition(|&part| is_told(part));
            if !hidden.is_empty() {
                // The smallest last.
                shown.sort_by_key(|&part| std::cmp::Reverse((figures[0][part], part)));
                while hidden.len() < 2 || !enough(&hidden) {
                    let Some(least) = shown.pop() else { break };
                    hidden.push(least);
                }
            }
            for part in shown {
                told[part] = true;
            }
        }
        told
    }
}

#[cfg(test)]
mod recovery;
#[cfg(test)]
mod tests;
