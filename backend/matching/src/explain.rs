//! Why somebody stays without, and why two are not paired.

use std::collections::BTreeSet;

use crate::problem::{Mark, Pair, Problem};
use crate::search::Node;
use crate::solution::Solution;
use crate::worth::Worth;

/// How many of those that others took are named.
const NAMED: usize = 3;

/// An organisation or a village with places that nobody takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub side: usize,
    /// The places that stay free. Whether it has pairs besides, the assignment says.
    pub places: u32,
    pub reason: Reason,
}

/// Why places stay free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody on the other side scores more than zero with it, except those it has already and as many forbidden ones.
    NothingFits { forbidden: usize },
    /// All that fit are full, with others whose scores make the whole better. The best three are named, the best one first.
    Outbid(Vec<Better>),
}

/// Somebody who would have fitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Better {
    pub side: usize,
    pub score: i64,
    /// What a place there is worth to the whole: no less than the score. None if existing and pinned pairs have all places.
    pub price: Option<Worth>,
}

/// A wish that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// Existing and pinned pairs have all places of the organisation.
    Full { organisation: usize },
    /// More organisations wish for these villages than they have places.
    Short(Shortage),
}

/// Organisations that cannot all have a village that they wish for: outside of `villages` nothing is open to any of them, and
/// `villages` have fewer places than there are organisations. It is a minimum cut, so `places` is how many can have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortage {
    /// All that compete.
    pub organisations: Vec<usize>,
    /// Those of them that stay without.
    pub without: Vec<usize>,
    /// What they compete for.
    pub villages: Vec<usize>,
    pub places: u32,
}

/// Why two are not paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// They are.
    Paired,
    /// They are already, in an existing pair.
    Existing,
    Forbidden,
    /// Existing and pinned pairs have all places of one of them or of both.
    Full {
        organisation: bool,
        village: bool,
    },
    /// Each side is worth more elsewhere.
    Costs {
        score: i64,
        /// What a place of the organisation is worth to the whole. For a village that it wishes for, a wish is taken off where
        /// the first one earns it.
        organisation_price: Worth,
        /// What a place of the village is worth to the whole.
        village_price: Worth,
        /// By how much the prices exceed the score. The whole loses no less.
        excess: Worth,
        /// By how much the best assignment that has this pair is worth less.
        loss: Worth,
        /// The pairs that such an assignment does without.
        dropped: Vec<Pair>,
        /// The pairs that it has instead, besides this one.
        made: Vec<Pair>,
    },
}

impl Solution<'_> {
    /// Why these two are not paired, what it would cost, and who would give way.
    ///
    /// # Panics
    /// If one of them does not exist.
    pub fn why_not(&self, pair: Pair) -> WhyNot {
        match self.problem.mark(pair) {
            Mark::Existing => return WhyNot::Existing,
            Mark::Forbidden => return WhyNot::Forbidden,
            Mark::Pinned => return WhyNot::Paired,
            Mark::Open => {}
        }
        if self.assignment().pairs.binary_search(&pair).is_ok() {
            return WhyNot::Paired;
        }
        let Pair { organisation, village } = pair;
        let is_full = [self.problem.organisation_places(organisation), self.problem.village_places(village)].map(|n| n == 0);
        if is_full != [false, false] {
            return WhyNot::Full { organisation: is_full[0], village: is_full[1] };
        }
        // The search looks further in its rows, which is nothing to the solution.
        let mut network = self.network.clone();
        let (excess, distance, steps) = network.force(pair);
        let (mut dropped, mut made) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                (Node::Row(row), Node::Village(village)) => made.push(Pair { organisation: network.organisation(row), village }),
                (Node::Village(village), Node::Row(row)) => {
                    dropped.push(Pair { organisation: network.organisation(row), village })
                }
                _ => {}
            }
        }
        dropped.sort_unstable();
        made.sort_unstable();
        let wish_price = network.wish_price(organisation).filter(|_| self.problem.is_wished(pair));
        WhyNot::Costs {
            score: self.problem.score(pair),
            organisation_price: Worth::of_weighted(wish_price.unwrap_or_else(|| network.organisation_price(organisation))),
            village_price: Worth::of_weighted(network.village_price(village)),
            excess: Worth::of_weighted(excess),
            loss: Worth::of_weighted(excess + distance),
            dropped,
            made,
        }
    }

    /// The organisations with places that stay free, and why.
    pub fn organisations_left(&self) -> Vec<Left> {
        let price = |village| match self.problem.village_places(village) {
            0 => None,
            _ => Some(Worth::of_weighted(self.network.village_price(village))),
        };
        let free = (0..self.problem.organisations().len()).map(|number| self.network.free_places(number)).collect();
        let mut all = Waiting::new(free);
        self.each_that_fits(|pair, score, is_forbidden| all.offer(pair.organisation, pair.village, score, is_forbidden));
        all.told(price)
    }

    /// The villages with places that stay free, and why.
    pub fn villages_left(&self) -> Vec<Left> {
        let price = |organisation| match self.problem.organisation_places(organisation) {
            0 => None,
            _ => Some(Worth::of_weighted(self.network.organisation_price(organisation))),
        };
        let free = (0..self.problem.villages().len()).map(|number| self.network.free_village_places(number)).collect();
        let mut all = Waiting::new(free);
        self.each_that_fits(|pair, score, is_forbidden| all.offer(pair.village, pair.organisation, score, is_forbidden));
        all.told(price)
    }

    /// Goes through the pairs that score more than zero and are not made.
    fn each_that_fits(&self, mut tell: impl FnMut(Pair, i32, bool)) {
        let mut pairs = self.assignment().pairs.iter().copied().peekable();
        for organisation in 0..self.problem.organisations().len() {
            for (village, (score, mark)) in self.problem.row(organisation).enumerate() {
                let pair = Pair { organisation, village };
                let is_made = pairs.next_if_eq(&pair).is_some();
                if score > 0 && !is_made && matches!(mark, Mark::Open | Mark::Forbidden) {
                    tell(pair, score, mark == Mark::Forbidden);
                }
            }
        }
    }

    /// The wishes that are not met, and who competes with whom for what.
    pub fn unmet(&self) -> Vec<Unmet> {
        let Competition { open, takes, taken_by, full } = Competition::new(self.problem, &self.assignment().pairs);
        let mut shortages: Vec<Shortage> = Vec::new();
        for &organisation in open.iter().filter(|&&organisation| takes[organisation].is_none()) {
            let mut found = Shortage { without: vec![organisation], ..Shortage::default() };
            let (mut organisations, mut villages) = (BTreeSet::from([organisation]), BTreeSet::new());
            let mut next = vec![organisation];
            while let Some(organisation) = next.pop() {
                for (village, takers) in taken_by.iter().enumerate() {
                    let pair = Pair { organisation, village };
                    if self.problem.is_wished(pair) && self.problem.is_possible(pair) && villages.insert(village) {
                        next.extend(takers.iter().filter(|&&other| organisations.insert(other)));
                    }
                }
            }
            // Who competes with others for the same belongs to them.
            shortages.retain(|other| {
                let is_apart = other.organisations.iter().all(|number| !organisations.contains(number));
                if !is_apart {
                    organisations.extend(&other.organisations);
                    villages.extend(&other.villages);
                    found.without.extend(&other.without);
                }
                is_apart
            });
            found.without.sort_unstable();
            found.places = villages.iter().map(|&village| self.problem.village_places(village)).sum();
            found.organisations = organisations.into_iter().collect();
            found.villages = villages.into_iter().collect();
            shortages.push(found);
        }
        let full = full.into_iter().map(|organisation| Unmet::Full { organisation });
        full.chain(shortages.into_iter().map(Unmet::Short)).collect()
    }
}

/// Who takes which village to meet a wish.
struct Competition {
    /// The organisations with places and a wish that existing and pinned pairs do not meet.
    open: Vec<usize>,
    takes: Vec<Option<usize>>,
    taken_by: Vec<Vec<usize>>,
    /// Those with such a wish and without places.
    full: Vec<usize>,
}

impl Competition {
    fn new(problem: &Problem, pairs: &[Pair]) -> Self {
        let organisations = 0..problem.organisations().len();
        let mut takes = vec![None; organisations.len()];
        let mut taken_by = vec![Vec::new(); problem.villages().len()];
        for &Pair { organisation, village } in pairs.iter().filter(|&&pair| problem.is_wished(pair)) {
            if takes[organisation].is_none() {
                takes[organisation] = Some(village);
                taken_by[village].push(organisation);
            }
        }
        let is_settled =
            |organisation, village| matches!(problem.mark(Pair { organisation, village }), Mark::Existing | Mark::Pinned);
        let full = problem.wishes().iter().filter(|wish| {
            !problem.has_open_wish(wish.organisation)
                && !wish.one_of.iter().any(|&village| is_settled(wish.organisation, village))
        });
        Self {
            open: organisations.filter(|&organisation| problem.has_open_wish(organisation)).collect(),
            takes,
            taken_by,
            full: full.map(|wish| wish.organisation).collect(),
        }
    }
}

/// Those with free places, and the best that they do not have.
struct Waiting {
    places: Vec<u32>,
    best: Vec<Vec<(i32, usize)>>,
    /// The score that is not worth naming any more.
    enough: Vec<i32>,
    forbidden: Vec<usize>,
}

impl Waiting {
    fn new(places: Vec<u32>) -> Self {
        let enough = places.iter().map(|&places| if places > 0 { 0 } else { i32::MAX }).collect();
        Self { best: vec![Vec::new(); places.len()], enough, forbidden: vec![0; places.len()], places }
    }

    fn offer(&mut self, side: usize, other: usize, score: i32, is_forbidden: bool) {
        if is_forbidden {
            self.forbidden[side] += 1;
        } else if score > self.enough[side] {
            let best = &mut self.best[side];
            best.truncate(NAMED - 1);
            // Those that came before and score the same stay before it.
            let at = best.partition_point(|&(known, _)| known >= score);
            best.insert(at, (score, other));
            if let Some(&(last, _)) = best.get(NAMED - 1) {
                self.enough[side] = last;
            }
        }
    }

    fn told(self, price: impl Fn(usize) -> Option<Worth>) -> Vec<Left> {
        let each = self.places.into_iter().zip(self.best).zip(self.forbidden).enumerate();
        let left = each.filter(|(_, ((places, _), _))| *places > 0);
        left.map(|(side, ((places, best), forbidden))| {
            let better = best.into_iter().map(|(score, side)| Better { side, score: i64::from(score), price: price(side) });
            let better: Vec<Better> = better.collect();
            let reason = if better.is_empty() { Reason::NothingFits { forbidden } } else { Reason::Outbid(better) };
            Left { side, places, reason }
        })
        .collect()
    }
}
