//! What is to be assigned, checked once.

use crate::invalid::{Contradiction, Invalid, List};

/// The most organisations, and the most villages.
pub const MAX_SIDE: usize = 10_000;
/// The most organisations times villages.
pub const MAX_PAIRS: usize = 10_000_000;
/// The most places of all organisations together, and of all villages.
pub const MAX_PLACES: u64 = 100_000;
/// The highest score of a pair, and the lowest one below zero.
pub const MAX_SCORE: i64 = 1_000_000_000;

/// An organisation or a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    pub code: String,
    /// How many pairs it takes part in at most, those that exist included.
    pub capacity: u32,
}

/// An organisation and a village, by their positions in the lists of the [`Input`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    pub organisation: usize,
    pub village: usize,
}

/// Advice: the organisation should have at least one of these villages. A chamber of commerce takes one village of its town.
/// Advice makes no problem impossible, but as many wishes as possible are met, whatever that costs in points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub organisation: usize,
    pub one_of: Vec<usize>,
}

/// What is to be assigned.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// In the order of the bytes of their codes.
    pub organisations: Vec<Side>,
    /// In the order of the bytes of their codes.
    pub villages: Vec<Side>,
    /// Pairs that exist already. They take places, and the same two are not paired again.
    pub existing: Vec<Pair>,
    /// Pairs that have to be part of the assignment, whatever they score.
    pub pinned: Vec<Pair>,
    /// Pairs that must not be part of it.
    pub forbidden: Vec<Pair>,
    /// At most one for each organisation.
    pub wishes: Vec<Wish>,
}

/// What a pair is before anything is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It may become part of the assignment.
    Open,
    Forbidden,
    Existing,
    Pinned,
}

/// A problem that can be solved.
#[derive(Debug)]
pub struct Problem {
    organisations: Vec<Side>,
    villages: Vec<Side>,
    scores: Vec<i32>,
    marks: Vec<Mark>,
    /// What existing and pinned pairs leave.
    organisation_places: Vec<u32>,
    village_places: Vec<u32>,
    pinned: Vec<Pair>,
    wishes: Vec<Wish>,
    met: usize,
    /// The villages that meet the wish of an organisation, if it has places and no existing or pinned pair meets the wish.
    wished: Vec<Option<Box<[bool]>>>,
}

impl Problem {
    /// Checks the input and asks once for the score of each pair. Only a pair with a score above zero is worth making.
    /// Any other one is made to meet a wish, or because it is pinned.
    ///
    /// # Errors
    /// Says what is too large, what does not exist, or what contradicts itself.
    pub fn new(input: Input, score: impl Fn(usize, usize) -> i64) -> Result<Self, Invalid> {
        let Input { organisations, villages, mut existing, mut pinned, mut forbidden, wishes } = input;
        check_side(List::Organisations, &organisations)?;
        check_side(List::Villages, &villages)?;
        let width = villages.len();
        let size = organisations.len() * width;
        if size > MAX_PAIRS {
            return Err(Invalid::TooManyPairs);
        }
        for pairs in [&mut existing, &mut pinned, &mut forbidden] {
            if let Some(&pair) = pairs.iter().find(|pair| pair.organisation >= organisations.len() || pair.village >= width) {
                return Err(Invalid::NoSuchPair(pair));
            }
            pairs.sort_unstable();
            pairs.dedup();
        }
        let mut scores = Vec::with_capacity(size);
        for organisation in 0..organisations.len() {
            for village in 0..width {
                let value = score(organisation, village);
                let small = i32::try_from(value).ok().filter(|_| (-MAX_SCORE..=MAX_SCORE).contains(&value));
                scores.push(small.ok_or(Invalid::Score(Pair { organisation, village }, value))?);
            }
        }

        let mut contradictions = Vec::new();
        let mut marks = vec![Mark::Open; size];
        for pair in &forbidden {
            marks[pair.organisation * width + pair.village] = Mark::Forbidden;
        }
        // What exists is there, whatever is forbidden for the future.
        for pair in &existing {
            marks[pair.organisation * width + pair.village] = Mark::Existing;
        }
        // A pin of what exists is met.
        pinned.retain(|pair| marks[pair.organisation * width + pair.village] != Mark::Existing);
        for &pair in &pinned {
            let mark = &mut marks[pair.organisation * width + pair.village];
            if *mark == Mark::Forbidden {
                contradictions.push(Contradiction::PinnedAndForbidden(pair));
            }
            *mark = Mark::Pinned;
        }
        let organisation_places = places(&organisations, &existing, &pinned, |pair| pair.organisation);
        let village_places = places(&villages, &existing, &pinned, |pair| pair.village);
        for (number, places) in organisation_places.iter().enumerate() {
            if let Err((existing, pins)) = places {
                let pinned = pins.iter().map(|pair| pair.village).collect();
                let capacity = organisations[number].capacity;
                contradictions.push(Contradiction::OrganisationPinnedBeyondCapacity {
                    organisation: number,
                    capacity,
                    existing: *existing,
                    pinned,
                });
            }
        }
        for (number, places) in village_places.iter().enumerate() {
            if let Err((existing, pins)) = places {
                let pinned = pins.iter().map(|pair| pair.organisation).collect();
                let capacity = villages[number].capacity;
                contradictions.push(Contradiction::VillagePinnedBeyondCapacity {
                    village: number,
                    capacity,
                    existing: *existing,
                    pinned,
                });
            }
        }
        if !contradictions.is_empty() {
            return Err(Invalid::Contradictions(contradictions));
        }
        let known = |places: Vec<Result<u32, _>>| places.into_iter().map(Result::unwrap_or_default).collect();
        let mut problem = Self {
            wished: vec![None; organisations.len()],
            organisations,
            villages,
            scores,
            marks,
            organisation_places: known(organisation_places),
            village_places: known(village_places),
            pinned,
            wishes: Vec::new(),
            met: 0,
        };
        problem.wish(wishes)?;
        Ok(problem)
    }

    fn wish(&mut self, wishes: Vec<Wish>) -> Result<(), Invalid> {
        let mut seen = vec![false; self.organisations.len()];
        for wish in &wishes {
            let organisation = wish.organisation;
            if let Some(&village) = wish.one_of.iter().find(|&&village| village >= self.villages.len()) {
                return Err(Invalid::NoSuchPair(Pair { organisation, village }));
            }
            if organisation >= self.organisations.len() || std::mem::replace(&mut seen[organisation], true) {
                return Err(Invalid::Wish { organisation });
            }
            let is_met = wish
                .one_of
                .iter()
                .any(|&village| matches!(self.mark(Pair { organisation, village }), Mark::Existing | Mark::Pinned));
            if is_met {
                self.met += 1;
            } else if self.organisation_places[organisation] > 0 {
                let mut wished = vec![false; self.villages.len()];
                wish.one_of.iter().for_each(|&village| wished[village] = true);
                self.wished[organisation] = Some(wished.into());
            }
        }
        self.wishes = wishes;
        Ok(())
    }

    pub fn organisations(&self) -> &[Side] {
        &self.organisations
    }

    pub fn villages(&self) -> &[Side] {
        &self.villages
    }

    pub fn wishes(&self) -> &[Wish] {
        &self.wishes
    }

    /// The pairs that every assignment contains, in ascending order.
    pub fn pinned(&self) -> &[Pair] {
        &self.pinned
    }

    pub fn score(&self, pair: Pair) -> i64 {
        i64::from(self.scores[self.at(pair)])
    }

    pub fn mark(&self, pair: Pair) -> Mark {
        self.marks[self.at(pair)]
    }

    /// What existing and pinned pairs leave of an organisation's capacity.
    pub fn organisation_places(&self, organisation: usize) -> u32 {
        self.organisation_places[organisation]
    }

    /// What existing and pinned pairs leave of a village's capacity.
    pub fn village_places(&self, village: usize) -> u32 {
        self.village_places[village]
    }

    /// Whether the pair is open and both have places.
    pub(crate) fn is_possible(&self, pair: Pair) -> bool {
        self.mark(pair) == Mark::Open && self.organisation_places[pair.organisation] > 0 && self.village_places[pair.village] > 0
    }

    /// Whether the pair would meet a wish that existing and pinned pairs leave open.
    pub(crate) fn is_wished(&self, pair: Pair) -> bool {
        self.wished[pair.organisation].as_ref().is_some_and(|wished| wished[pair.village])
    }

    pub(crate) fn has_open_wish(&self, organisation: usize) -> bool {
        self.wished[organisation].is_some()
    }

    /// The number of wishes that existing and pinned pairs meet.
    pub(crate) fn met(&self) -> usize {
        self.met
    }

    /// Scores and marks of an organisation with all villages.
    pub(crate) fn row(&self, organisation: usize) -> impl Iterator<Item = (i32, Mark)> {
        let row = organisation * self.villages.len()..(organisation + 1) * self.villages.len();
        self.scores[row.clone()].iter().copied().zip(self.marks[row].iter().copied())
    }

    fn at(&self, pair: Pair) -> usize {
        assert!(pair.village < self.villages.len(), "no such village");
        pair.organisation * self.villages.len() + pair.village
    }
}

fn check_side(list: List, sides: &[Side]) -> Result<(), Invalid> {
    if sides.len() > MAX_SIDE {
        return Err(Invalid::TooMany(list));
    }
    if let Some(at) = sides.windows(2).position(|two| two[0].code >= two[1].code) {
        return Err(Invalid::Order { list, at: at + 1 });
    }
    if sides.iter().map(|side| u64::from(side.capacity)).sum::<u64>() > MAX_PLACES {
        return Err(Invalid::TooManyPlaces(list));
    }
    Ok(())
}

/// The places that are left on each side, or the number of existing pairs and the pins that are too many with them.
fn places<'a>(
    sides: &[Side],
    existing: &[Pair],
    pinned: &'a [Pair],
    side: impl Fn(&Pair) -> usize,
) -> Vec<Result<u32, (u32, Vec<&'a Pair>)>> {
    let mut taken = vec![0_u32; sides.len()];
    existing.iter().for_each(|pair| taken[side(pair)] += 1);
    let mut pins = vec![Vec::new(); sides.len()];
    pinned.iter().for_each(|pair| pins[side(pair)].push(pair));
    let each = sides.iter().zip(taken).zip(pins);
    each.map(|((side, taken), pins)| {
        // A capacity may have been lowered below what exists. That alone contradicts nothing.
        let free = side.capacity.saturating_sub(taken);
        u32::try_from(pins.len()).ok().and_then(|pins| free.checked_sub(pins)).ok_or((taken, pins))
    })
    .collect()
}
