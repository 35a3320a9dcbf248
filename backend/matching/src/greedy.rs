//! What a person would do: always take the best pair that is left.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::problem::{Pair, Problem};
use crate::rows::{Part, Row};
use crate::search::Network;
use crate::solution::{Assignment, Solution};

impl Solution<'_> {
    /// The assignment that comes of always taking the best pair that is left: first for wishes, then for points.
    pub fn greedy(&self) -> Assignment {
        Taking::new(self).run()
    }
}

struct Taking<'p> {
    problem: &'p Problem,
    network: &'p Network<'p>,
    organisations: Vec<u32>,
    villages: Vec<u32>,
    pairs: Vec<Pair>,
    has: Vec<Vec<usize>>,
}

impl<'p> Taking<'p> {
    fn new(solution: &'p Solution) -> Self {
        let problem = solution.problem;
        let organisations = problem.organisations().len();
        Self {
            problem,
            network: &solution.network,
            organisations: (0..organisations).map(|number| problem.organisation_places(number)).collect(),
            villages: (0..problem.villages().len()).map(|number| problem.village_places(number)).collect(),
            pairs: problem.pinned().to_vec(),
            has: vec![Vec::new(); organisations],
        }
    }

    fn run(mut self) -> Assignment {
        let mut wished = Vec::new();
        for organisation in (0..self.organisations.len()).filter(|&number| self.problem.has_open_wish(number)) {
            let pairs = (0..self.villages.len()).map(|village| Pair { organisation, village });
            wished.extend(pairs.filter(|&pair| self.problem.is_possible(pair) && self.problem.is_wished(pair)));
        }
        wished.sort_by_key(|&pair| (Reverse(self.problem.score(pair)), pair));
        for pair in wished {
            if self.has[pair.organisation].is_empty() {
                self.take(pair);
            }
        }

        // What the solver sorted need not be sorted again.
        let row = |number| self.network.row(number).cloned().unwrap_or_else(|| Row::new(self.problem, number, Part::All));
        let mut rows: Vec<(Row, usize)> = (0..self.organisations.len()).map(|number| (row(number), 0)).collect();
        let mut best: BinaryHeap<_> = (0..rows.len()).filter_map(|number| self.offer(number, &mut rows[number])).collect();
        while let Some((_, Reverse((organisation, village)))) = best.pop() {
            self.take(Pair { organisation, village });
            best.extend(self.offer(organisation, &mut rows[organisation]));
        }
        self.problem.assignment(self.pairs)
    }

    /// The next best village of an organisation that looked free when the row came to it.
    fn offer(&self, organisation: usize, (row, at): &mut (Row, usize)) -> Option<(i32, Reverse<(usize, usize)>)> {
        if self.organisations[organisation] == 0 {
            return None;
        }
        loop {
            let Some(&(village, score)) = row.listed.get(*at) else {
                if row.is_complete {
                    return None;
                }
                row.extend(self.problem);
                continue;
            };
            *at += 1;
            let village = village as usize;
            if self.villages[village] > 0 && !self.has[organisation].contains(&village) {
                return Some((score, Reverse((organisation, village))));
            }
        }
    }

    fn take(&mut self, pair: Pair) {
        let Pair { organisation, village } = pair;
        if self.organisations[organisation] > 0 && self.villages[village] > 0 {
            self.organisations[organisation] -= 1;
            self.villages[village] -= 1;
            self.has[organisation].push(village);
            self.pairs.push(pair);
        }
    }
}
