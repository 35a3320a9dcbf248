//! Assignments by what both sides ranked, and the pairs that would rather have each other.

use std::error::Error;
use std::fmt;

use crate::invalid::List;
use crate::problem::{Pair, Problem};

/// The most that one side may rank.
pub const MAX_RANKED: usize = 10;

/// What each side ranked, the best first. Whoever is not named is not wanted.
#[derive(Clone, Debug, Default)]
pub struct Rankings {
    /// The villages that each organisation ranked.
    pub organisations: Vec<Vec<usize>>,
    /// The organisations that each village ranked.
    pub villages: Vec<Vec<usize>>,
}

/// Why rankings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidRanking {
    /// There is not one ranking for each.
    Length(List),
    /// More than [`MAX_RANKED`].
    TooMany { list: List, side: usize },
    /// Ranked is what does not exist.
    Unknown { list: List, side: usize },
    /// The same is ranked twice.
    Twice { list: List, side: usize },
}

impl fmt::Display for InvalidRanking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(list) => write!(f, "not one ranking for each of the {list}"),
            Self::TooMany { list, side } => write!(f, "number {side} of the {list} ranked more than {MAX_RANKED}"),
            Self::Unknown { list, side } => write!(f, "number {side} of the {list} ranked what does not exist"),
            Self::Twice { list, side } => write!(f, "number {side} of the {list} ranked the same twice"),
        }
    }
}

impl Error for InvalidRanking {}

/// A problem seen by what both sides ranked.
///
/// Two can be paired if each ranked the other, the pair is open, and both have places that existing and pinned pairs leave. Each
/// place is given away for itself: a side would rather have a better ranked partner, whoever else it has (responsive
/// preferences).
#[derive(Debug)]
pub struct Market<'p> {
    problem: &'p Problem,
    rankings: Rankings,
    /// Those of each ranking with whom a pair is possible.
    organisations: Vec<Vec<usize>>,
    villages: Vec<Vec<usize>>,
}

impl<'p> Market<'p> {
    /// # Errors
    /// Says whose ranking cannot be used.
    pub fn new(problem: &'p Problem, rankings: Rankings) -> Result<Self, InvalidRanking> {
        let Rankings { organisations, villages } = &rankings;
        check(List::Organisations, organisations, problem.organisations().len(), problem.villages().len())?;
        check(List::Villages, villages, problem.villages().len(), problem.organisations().len())?;
        let wanted = |list: &[Vec<usize>], other: &[Vec<usize>], pair: fn(usize, usize) -> Pair| -> Vec<Vec<usize>> {
            let ranked = |(side, ranking): (usize, &Vec<usize>)| {
                let both = |&&ranked: &&usize| other[ranked].contains(&side) && problem.is_possible(pair(side, ranked));
                ranking.iter().filter(both).copied().collect()
            };
            list.iter().enumerate().map(ranked).collect()
        };
        Ok(Self {
            problem,
            organisations: wanted(organisations, villages, |organisation, village| Pair { organisation, village }),
            villages: wanted(villages, organisations, |village, organisation| Pair { organisation, village }),
            rankings,
        })
    }

    /// The stable assignment that is the best one for all organisations at once, with the pinned pairs.
    pub fn best_for_organisations(&self) -> Vec<Pair> {
        let places = |village| self.problem.village_places(village);
        let has = accepted(&self.organisations, |number| self.problem.organisation_places(number), &self.villages, places);
        self.with_pinned(has, |village, organisation| Pair { organisation, village })
    }

    /// The stable assignment that is the best one for all villages at once, with the pinned pairs.
    pub fn best_for_villages(&self) -> Vec<Pair> {
        let places = |organisation| self.problem.organisation_places(organisation);
        let has = accepted(&self.villages, |number| self.problem.village_places(number), &self.organisations, places);
        self.with_pinned(has, |organisation, village| Pair { organisation, village })
    }

    fn with_pinned(&self, has: Vec<Vec<usize>>, pair: fn(usize, usize) -> Pair) -> Vec<Pair> {
        let each = has.into_iter().enumerate().flat_map(|(side, others)| others.into_iter().map(move |other| pair(side, other)));
        let mut pairs: Vec<Pair> = each.chain(self.problem.pinned().iter().copied()).collect();
        pairs.sort_unstable();
        pairs
    }

    /// The pairs that block an assignment: both would rather have each other than a free place or somebody whom the assignment
    /// gives them. A stable assignment has none. Somebody who was not ranked counts as last.
    pub fn blocking(&self, pairs: &[Pair]) -> Vec<Pair> {
        let mut villages = vec![Vec::new(); self.organisations.len()];
        let mut organisations = vec![Vec::new(); self.villages.len()];
        for pair in pairs.iter().filter(|pair| self.problem.pinned().binary_search(pair).is_err()) {
            villages[pair.organisation].push(pair.village);
            organisations[pair.village].push(pair.organisation);
        }
        let mut blocking = Vec::new();
        for (organisation, wanted) in self.organisations.iter().enumerate() {
            let places = self.problem.organisation_places(organisation);
            for &village in wanted.iter().filter(|village| !villages[organisation].contains(village)) {
                let (ranking, others) = (&self.rankings.villages[village], &organisations[village]);
                if would_take(&self.rankings.organisations[organisation], places, &villages[organisation], village)
                    && would_take(ranking, self.problem.village_places(village), others, organisation)
                {
                    blocking.push(Pair { organisation, village });
                }
            }
        }
        blocking.sort_unstable();
        blocking
    }
}

fn check(list: List, rankings: &[Vec<usize>], sides: usize, others: usize) -> Result<(), InvalidRanking> {
    if rankings.len() != sides {
        return Err(InvalidRanking::Length(list));
    }
    for (side, ranking) in rankings.iter().enumerate() {
        if ranking.len() > MAX_RANKED {
            return Err(InvalidRanking::TooMany { list, side });
        }
        if ranking.iter().any(|&ranked| ranked >= others) {
            return Err(InvalidRanking::Unknown { list, side });
        }
        if ranking.iter().enumerate().any(|(at, ranked)| ranking[..at].contains(ranked)) {
            return Err(InvalidRanking::Twice { list, side });
        }
    }
    Ok(())
}

/// Deferred acceptance: who proposes goes down the own ranking as long as places are free, who answers keeps the best so far. The
/// result does not depend on the order of proposals. Tells whom each that answers has in the end.
fn accepted(
    proposing: &[Vec<usize>],
    proposing_places: impl Fn(usize) -> u32,
    answering: &[Vec<usize>],
    answering_places: impl Fn(usize) -> u32,
) -> Vec<Vec<usize>> {
    let mut free: Vec<u32> = (0..proposing.len()).map(proposing_places).collect();
    let mut asked = vec![0; proposing.len()];
    let mut has: Vec<Vec<usize>> = vec![Vec::new(); answering.len()];
    let mut next: Vec<usize> = (0..proposing.len()).rev().collect();
    while let Some(side) = next.pop() {
        while free[side] > 0 {
            let Some(&other) = proposing[side].get(asked[side]) else { break };
            asked[side] += 1;
            free[side] -= 1;
            has[other].push(side);
            if u32::try_from(has[other].len()).is_ok_and(|count| count <= answering_places(other)) {
                continue;
            }
            let (at, &last) =
                has[other].iter().enumerate().max_by_key(|(_, side)| rank(&answering[other], **side)).expect("somebody asked");
            has[other].swap_remove(at);
            free[last] += 1;
            if last != side {
                next.push(last);
            }
        }
    }
    has
}

/// Whether a side would rather have a partner than a free place or than one of those it has.
fn would_take(ranking: &[usize], places: u32, has: &[usize], other: usize) -> bool {
    let is_free = u32::try_from(has.len()).is_ok_and(|count| count < places);
    is_free || has.iter().any(|&known| rank(ranking, known) > rank(ranking, other))
}

fn rank(ranking: &[usize], side: usize) -> usize {
    ranking.iter().position(|&ranked| ranked == side).unwrap_or(usize::MAX)
}
