//! Problems small enough to try everything.

mod assignments;
mod certificates;
mod entrance;
mod explanations;
mod rankings;

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{Input, Mark, Pair, Problem, Side, Wish, Worth};

/// A problem as the tests keep it.
#[derive(Clone, Debug)]
struct Case {
    organisations: Vec<u32>,
    villages: Vec<u32>,
    scores: Vec<Vec<i64>>,
    marks: Vec<Vec<Mark>>,
    wishes: Vec<Option<Vec<bool>>>,
}

impl Case {
    fn input(&self) -> Input {
        let marked = |mark| self.pairs().filter(|&pair| self.mark(pair) == mark).collect();
        let wishes = self.wishes.iter().enumerate().filter_map(|(organisation, wish)| {
            let villages = wish.as_ref()?.iter().enumerate().filter(|(_, is_wished)| **is_wished);
            Some(Wish { organisation, one_of: villages.map(|(village, _)| village).collect() })
        });
        Input {
            organisations: sides(&self.organisations),
            villages: sides(&self.villages),
            existing: marked(Mark::Existing),
            pinned: marked(Mark::Pinned),
            forbidden: marked(Mark::Forbidden),
            wishes: wishes.collect(),
        }
    }

    fn problem(&self) -> Problem {
        Problem::new(self.input(), |organisation, village| self.scores[organisation][village]).unwrap()
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> + use<> {
        let villages = self.villages.len();
        (0..self.organisations.len())
            .flat_map(move |organisation| (0..villages).map(move |village| Pair { organisation, village }))
    }

    fn mark(&self, pair: Pair) -> Mark {
        self.marks[pair.organisation][pair.village]
    }

    /// What the best assignment is worth, by trying all of them: each organisation takes each set of villages. None if what is
    /// pinned does not fit.
    fn best(&self) -> Option<Worth> {
        let all = 0..self.villages.len();
        let existing = |village| self.marks.iter().filter(|row| row[village] == Mark::Existing).count();
        let free: Vec<usize> =
            all.clone().map(|village| (self.villages[village] as usize).saturating_sub(existing(village))).collect();
        // What the organisations so far are worth at best, by what they leave of the villages.
        let mut best = BTreeMap::from([(free, Worth::ZERO)]);
        for (organisation, marks) in self.marks.iter().enumerate() {
            let has = |village: usize| marks[village] == Mark::Existing;
            let places =
                (self.organisations[organisation] as usize).saturating_sub(all.clone().filter(|&village| has(village)).count());
            let mut further = BTreeMap::new();
            for set in 0_u32..1 << self.villages.len() {
                let takes = |village: usize| set & 1 << village != 0;
                let is_allowed = all.clone().all(|village| match marks[village] {
                    Mark::Open => true,
                    Mark::Pinned => takes(village),
                    Mark::Forbidden | Mark::Existing => !takes(village),
                });
                if !is_allowed || set.count_ones() as usize > places {
                    continue;
                }
                let taken = all.clone().filter(|&village| takes(village));
                let points = taken.clone().map(|village| self.scores[organisation][village]).sum();
                let is_met = |wished: &Vec<bool>| all.clone().any(|village| wished[village] && (takes(village) || has(village)));
                let worth = Worth { wishes: self.wishes[organisation].as_ref().is_some_and(is_met).into(), points };
                for (free, &before) in &best {
                    let mut left = free.clone();
                    if taken.clone().all(|village| left[village].checked_sub(1).map(|less| left[village] = less).is_some()) {
                        let value = further.entry(left).or_insert(before + worth);
                        *value = (*value).max(before + worth);
                    }
                }
            }
            best = further;
        }
        best.into_values().max()
    }
}

fn sides(capacities: &[u32]) -> Vec<Side> {
    capacities.iter().enumerate().map(|(number, &capacity)| Side { code: format!("{number:06}"), capacity }).collect()
}

/// A plain problem: nothing pinned, forbidden, existing or wished.
fn plain<const N: usize, const M: usize>(organisations: [u32; N], villages: [u32; M], scores: [[i64; M]; N]) -> Case {
    Case {
        organisations: organisations.to_vec(),
        villages: villages.to_vec(),
        scores: scores.iter().map(|row| row.to_vec()).collect(),
        marks: vec![vec![Mark::Open; M]; N],
        wishes: vec![None; N],
    }
}

const fn pair(organisation: usize, village: usize) -> Pair {
    Pair { organisation, village }
}

/// Problems of at most so many on each side. Few scores differ, so that there is much to choose between.
fn cases(most: usize) -> impl Strategy<Value = Case> {
    (1..=most, 1..=most).prop_flat_map(|(organisations, villages)| sized(organisations, villages, 12))
}

fn sized(organisations: usize, villages: usize, highest: i64) -> impl Strategy<Value = Case> {
    let mark = prop_oneof![
        12 => Just(Mark::Open),
        2 => Just(Mark::Forbidden),
        1 => Just(Mark::Existing),
        1 => Just(Mark::Pinned),
    ];
    let table = |row| proptest::collection::vec(row, organisations);
    (
        proptest::collection::vec(0..=5_u32, organisations),
        proptest::collection::vec(0..=3_u32, villages),
        table(proptest::collection::vec(-3..=highest, villages)),
        proptest::collection::vec(proptest::collection::vec(mark, villages), organisations),
        proptest::collection::vec(
            proptest::option::weighted(0.4, proptest::collection::vec(proptest::bool::weighted(0.4), villages)),
            organisations,
        ),
    )
        .prop_map(|(organisations, villages, scores, marks, wishes)| {
            let mut case = Case { organisations, villages, scores, marks, wishes };
            loosen(&mut case);
            case
        })
}

/// Opens pins beyond capacity.
fn loosen(case: &mut Case) {
    let taken = |case: &Case, of: fn(&Pair) -> usize, side| {
        let is_taken = |pair: &Pair| matches!(case.mark(*pair), Mark::Existing | Mark::Pinned);
        case.pairs().filter(|pair| of(pair) == side && is_taken(pair)).count()
    };
    for pair in case.pairs().collect::<Vec<_>>() {
        if case.mark(pair) == Mark::Pinned
            && (taken(case, |pair| pair.organisation, pair.organisation) > case.organisations[pair.organisation] as usize
                || taken(case, |pair| pair.village, pair.village) > case.villages[pair.village] as usize)
        {
            case.marks[pair.organisation][pair.village] = Mark::Open;
        }
    }
}
