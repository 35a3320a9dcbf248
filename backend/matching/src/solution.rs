//! The best assignment.

use crate::certificate::Certificate;
use crate::problem::{Mark, Pair, Problem};
use crate::search::Network;
use crate::worth::{WISH, Worth};

/// Pairs and what they are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The pinned pairs and those that were chosen, in ascending order. Existing pairs are not among them.
    pub pairs: Vec<Pair>,
    /// The sum of their scores, and the wishes that they and the existing pairs meet.
    pub worth: Worth,
}

/// The best assignment, and what explains it.
#[derive(Clone, Debug)]
pub struct Solution<'p> {
    pub(crate) problem: &'p Problem,
    pub(crate) network: Network<'p>,
    assignment: Assignment,
}

impl Problem {
    /// Finds the best assignment.
    pub fn solve(&self) -> Solution<'_> {
        self.solve_while(|| true).expect("nobody stops it")
    }

    /// Finds the best assignment as long as `go_on` says so, which is asked before each place is given away. None if it was stopped.
    pub fn solve_while(&self, mut go_on: impl FnMut() -> bool) -> Option<Solution<'_>> {
        let mut network = Network::new(self);
        let places = |organisation| self.organisation_places(organisation);
        let organisations = self.organisations().len();
        for place in 0..(0..organisations).map(places).max().unwrap_or_default() {
            for organisation in (0..organisations).filter(|&organisation| places(organisation) > place) {
                if !go_on() {
                    return None;
                }
                network.place(organisation);
            }
        }
        let assignment = self.assignment(network.pairs().chain(self.pinned().iter().copied()).collect());
        Some(Solution { problem: self, network, assignment })
    }

    pub(crate) fn assignment(&self, mut pairs: Vec<Pair>) -> Assignment {
        pairs.sort_unstable();
        let worth = self.worth(&pairs);
        Assignment { pairs, worth }
    }

    /// What pairs are worth: the sum of their scores, and the wishes that they and the existing pairs meet.
    pub fn worth(&self, pairs: &[Pair]) -> Worth {
        let mut has = vec![Vec::new(); self.organisations().len()];
        pairs.iter().for_each(|pair| has[pair.organisation].push(pair.village));
        let is_met = |organisation: usize, village: &usize| {
            has[organisation].contains(village) || self.mark(Pair { organisation, village: *village }) == Mark::Existing
        };
        let met = self.wishes().iter().filter(|wish| wish.one_of.iter().any(|village| is_met(wish.organisation, village)));
        let wishes = met.count().try_into().expect("a list has a limit");
        Worth { wishes, points: pairs.iter().map(|&pair| self.score(pair)).sum() }
    }
}

impl Solution<'_> {
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// Prices that prove that no assignment is worth more.
    pub fn certificate(&self) -> Certificate {
        let organisations = 0..self.problem.organisations().len();
        let wished = |organisation| {
            let price = self.network.organisation_price(organisation);
            let without = if self.problem.has_open_wish(organisation) { price - WISH } else { price };
            Worth::of_weighted(self.network.wish_price(organisation).unwrap_or(without))
        };
        Certificate {
            organisations: organisations
                .clone()
                .map(|number| Worth::of_weighted(self.network.organisation_price(number)))
                .collect(),
            wished: organisations.map(wished).collect(),
            villages: (0..self.problem.villages().len())
                .map(|number| Worth::of_weighted(self.network.village_price(number)))
                .collect(),
        }
    }
}
