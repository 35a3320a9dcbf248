//! The villages of an organisation, best first, sorted no further than somebody looks.

use crate::problem::{Mark, Pair, Problem};

/// How many villages an organisation begins with. Each look further doubles them.
const FIRST: usize = 32;

/// Which villages a row lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All that are worth having.
    All,
    /// Those that would meet the organisation's wish, whatever they score.
    Wished,
    /// The rest of those that are worth having.
    Others,
}

#[derive(Clone, Debug)]
pub struct Row {
    organisation: usize,
    part: Part,
    /// Villages and their scores, the best first, equal ones in their order.
    pub listed: Vec<(u32, i32)>,
    pub is_complete: bool,
}

impl Row {
    pub fn new(problem: &Problem, organisation: usize, part: Part) -> Self {
        let mut row = Self { organisation, part, listed: Vec::new(), is_complete: false };
        row.extend(problem);
        row
    }

    /// The highest score that a village may have which is not listed.
    pub fn ceiling(&self) -> i64 {
        self.listed.last().map_or(i64::MIN, |&(_, score)| i64::from(score))
    }

    /// Lists further villages.
    pub fn extend(&mut self, problem: &Problem) {
        let last = self.listed.last().map(|&(village, score)| key(village, score));
        let organisation = self.organisation;
        let mut keys = Vec::new();
        if problem.organisation_places(organisation) > 0 {
            for (village, (score, mark)) in problem.row(organisation).enumerate() {
                let key = key(u32::try_from(village).expect("a list has a limit"), score);
                if mark == Mark::Open
                    && (score > 0 || self.part == Part::Wished)
                    && last.is_none_or(|last| key > last)
                    && problem.village_places(village) > 0
                    && (self.part == Part::All
                        || problem.is_wished(Pair { organisation, village }) == (self.part == Part::Wished))
                {
                    keys.push(key);
                }
            }
        }
        let more = self.listed.len().max(FIRST);
        self.is_complete = keys.len() <= more;
        if !self.is_complete {
            keys.select_nth_unstable(more);
            keys.truncate(more);
        }
        keys.sort_unstable();
        self.listed.extend(keys.into_iter().map(village_of));
    }
}

/// A number that is smaller for a better village: one with a higher score, or an earlier one with the same.
fn key(village: u32, score: i32) -> u64 {
    let rank = i64::from(i32::MAX) - i64::from(score);
    (u64::try_from(rank).expect("no score is above the largest") << 32) | u64::from(village)
}

fn village_of(key: u64) -> (u32, i32) {
    let rank = i64::try_from(key >> 32).expect("a rank has 32 bits");
    let village = u32::try_from(key & u64::from(u32::MAX)).expect("masked");
    (village, i32::try_from(i64::from(i32::MAX) - rank).expect("a score, as it came"))
}
