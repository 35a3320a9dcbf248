//! Decides which figures of the ledger are suppressed for those who see households in aggregate only. All functions are pure.

use std::collections::HashMap;

use contract::Month;
use contract::ledger::FEWEST;

use crate::households::ledger::Moved;

/// Which figures of some months are published, county by county.
#[derive(Debug)]
pub struct Suppression<'a> {
    counties: Vec<Decided<'a>>,
}

#[derive(Debug)]
struct Decided<'a> {
    county: County<'a>,
    /// For each area, whether each figure is published, in the order of the ledger's figures.
    months: HashMap<Month, Vec<[bool; 10]>>,
}

impl<'a> Suppression<'a> {
    /// Decides for whole counties: `codes` are all their areas, `moved` are the arrivals and departures in their villages.
    /// `at_the_end` counts the households that nobody helps, and those that several help, at the end of the last month.
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
                let of = |figure: usize, place: usize| last[figure].as_ref().is_some_and(|published| published[place]);
                let published = county.published(*month).into_iter().enumerate();
                let all = |place, told: [bool; 8]| {
                    std::array::from_fn(|figure| figure.checked_sub(8).map_or_else(|| told[figure], |last| of(last, place)))
                };
                (*month, published.map(|(place, told)| all(place, told)).collect())
            };
            let months = months.iter().map(published).collect();
            Decided { county, months }
        });
        Self { counties: counties.collect() }
    }

    /// Which figures of an area are published in a month. A figure of an area larger than a county is published only if each of
    /// its counties publishes it, so that it discloses nothing new.
    pub fn published(&self, code: &str, month: Month) -> [bool; 10] {
        let within = |decided: &&Decided| {
            let county = decided.county.codes.first().copied().unwrap_or_default();
            county.starts_with(code) || code.starts_with(county)
        };
        let of = |decided: &Decided| {
            let place = if code.len() < 6 { Some(0) } else { decided.county.place(code) };
            place.and_then(|place| decided.months.get(&month)?.get(place).copied()).unwrap_or_default()
        };
        let both = |a: [bool; 10], b: [bool; 10]| std::array::from_fn(|figure| a[figure] && b[figure]);
        self.counties.iter().filter(within).map(of).reduce(both).unwrap_or_default()
    }
}

/// The areas of a county, and which of their figures are published to those who see households in aggregate only.
///
/// The decision is made for the whole county, month by month, and applies wherever a figure of it is published: two answers that
/// suppress different cells would together disclose both.
///
/// Numbers below [`FEWEST`] are suppressed, and enough others that none of the small ones can be derived. Two equations connect
/// the figures:
///
/// - *An area is the sum of its parts.* If a part is suppressed, at least two parts are, and their sum is at least [`FEWEST`]. If
///   an area is suppressed, so are its parts. So one suppressed part could always be larger, and another smaller.
/// - *Opening plus arrivals minus departures is closing*, and closing is the opening of the next month. Only the larger of
///   registered and relapsed may be published alone. The smaller and lifted out are suppressed together, and whenever the larger,
///   the opening or the closing is suppressed: so one more may always have come in a month, and one more gone. If they are
///   published for an area but not for its parts, enough households must have come and gone in the same part. Otherwise the gains
///   and losses of the parts would disclose which of the two it was.
///
/// The numbers that moved in, moved out and left are never published: they are small, and so more may always have come and gone.
/// In a whole county as many moved in as moved out, because households move within it. There the smaller of registered and
/// relapsed is suppressed as well unless enough left. Otherwise those who left would be the difference.
///
/// A month is decided by its own figures alone: what is published about it stays published, whatever comes later.
#[derive(Debug)]
pub struct County<'a> {
    /// Sorted, so that each area precedes its parts.
    codes: Vec<&'a str>,
    /// The parts of each area.
    parts: Vec<Vec<usize>>,
    /// Arrivals and departures, with the index of their village in `codes`.
    moved: Vec<(usize, &'a Moved)>,
}

impl<'a> County<'a> {
    /// Takes all areas of a county, the county included, and the arrivals and departures in its villages.
    pub fn new(codes: impl IntoIterator<Item = &'a str>, moved: impl IntoIterator<Item = &'a Moved>) -> Self {
        let mut codes: Vec<_> = codes.into_iter().collect();
        codes.sort_unstable();
        let mut parts = vec![Vec::new(); codes.len()];
        for (place, code) in codes.iter().enumerate() {
            // Nine digits are a town, six a county.
            let around = code.len().checked_sub(3).and_then(|digits| codes.binary_search(&&code[..digits]).ok());
            if let Some(around) = around {
                parts[around].push(place);
            }
        }
        let moved = moved.into_iter().filter_map(|moved| Some((codes.binary_search(&moved.area_code.as_str()).ok()?, moved)));
        let moved = moved.collect();
        Self { codes, parts, moved }
    }

    /// The index of an area in `codes`.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.codes.binary_search(&code).ok()
    }

    /// Which of the figures that add up are published for each area.
    pub fn published(&self, month: Month) -> Vec<[bool; 8]> {
        let came = |value: fn(&Moved) -> i64| {
            self.add_up(
                self.moved.iter().filter(|(_, moved)| moved.month.0 == month).map(|(place, moved)| (*place, value(moved))),
            )
        };
        let [registered, relapsed, gone, left] = [
            came(|moved| moved.registered),
            came(|moved| moved.relapsed),
            came(|moved| moved.lifted_out),
            came(|moved| moved.left),
        ];
        let opening = self.publish(&[&self.at_the_end(month.previous())], |_| true);
        let closing = self.publish(&[&self.at_the_end(month)], |_| true);
        let more = usize::from(registered.first() < relapsed.first());
        let (more_came, less_came) = if more == 0 { (&registered, &relapsed) } else { (&relapsed, &registered) };
        let villages = (0..self.codes.len()).filter(|&place| self.parts[place].is_empty());
        let both = self.add_up(villages.map(|place| (place, less_came[place].min(gone[place]))));
        let larger = self.publish(&[more_came], |_| true);
        let others = self.publish(&[less_came, &gone, &both], |place| opening[place] && closing[place] && larger[place]);
        let enough_left = left.first().is_some_and(|left| *left >= FEWEST);
        let cells = (0..self.codes.len()).map(|place| {
            let mut came = [others[place] && enough_left; 2];
            came[more] = larger[place];
            let [registered, relapsed] = came;
            [opening[place], registered, false, relapsed, others[place], false, false, closing[place]]
        });
        cells.collect()
    }

    /// For each area, whether it is published how many households are of some kind at the end of a month: only if both these and
    /// the others are enough.
    pub fn published_closing(&self, month: Month, counts: &[(String, i64)]) -> Vec<bool> {
        let counts = self.add_up(counts.iter().filter_map(|(code, count)| Some((self.place(code)?, *count))));
        let others: Vec<_> = self.at_the_end(month).iter().zip(&counts).map(|(all, count)| all - count).collect();
        self.publish(&[&counts, &others], |_| true)
    }

    /// The number of households in each area at the end of a month.
    fn at_the_end(&self, month: Month) -> Vec<i64> {
        let until = self.moved.iter().filter(|(_, moved)| moved.month.0 <= month);
        self.add_up(until.map(|(place, moved)| (*place, moved.gain())))
    }

    /// Adds numbers of villages to a sum for each area.
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

    /// For each area, whether some figures are published, all or none: only if they are large enough and `may` allows it.
    fn publish(&self, figures: &[&[i64]], may: impl Fn(usize) -> bool) -> Vec<bool> {
        let enough =
            |places: &[usize]| figures.iter().all(|figure| places.iter().map(|&place| figure[place]).sum::<i64>() >= FEWEST);
        let publishable = |place: usize| may(place) && enough(&[place]);
        let mut published = vec![false; self.codes.len()];
        if let Some(whole) = published.first_mut() {
            *whole = publishable(0);
        }
        for place in 0..published.len() {
            if !published[place] {
                continue;
            }
            let (mut open, mut suppressed): (Vec<_>, Vec<_>) =
                self.parts[place].iter().copied().partition(|&part| publishable(part));
            if !suppressed.is_empty() {
                // Smallest last.
                open.sort_by_key(|&part| std::cmp::Reverse((figures[0][part], part)));
                while suppressed.len() < 2 || !enough(&suppressed) {
                    let Some(least) = open.pop() else { break };
                    suppressed.push(least);
                }
            }
            for part in open {
                published[part] = true;
            }
        }
        published
    }
}

#[cfg(test)]
mod recovery;
#[cfg(test)]
mod tests;
