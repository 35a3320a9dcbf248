//! Why there is no problem to solve.

use std::error::Error;
use std::fmt;

use crate::problem::{MAX_PAIRS, MAX_PLACES, MAX_SCORE, MAX_SIDE, Pair};

/// One of the two lists of an [`Input`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Organisations,
    Villages,
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organisations => "organisations",
            Self::Villages => "villages",
        })
    }
}

/// Why there is no problem to solve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// More than [`MAX_SIDE`].
    TooMany(List),
    /// More than [`MAX_PAIRS`].
    TooManyPairs,
    /// More than [`MAX_PLACES`].
    TooManyPlaces(List),
    /// The code at this position does not come after the one before it.
    Order { list: List, at: usize },
    /// A pair or a wish names a position that its list does not have.
    NoSuchPair(Pair),
    /// A score is beyond [`MAX_SCORE`].
    Score(Pair, i64),
    /// The organisation of a wish does not exist, or has two wishes.
    Wish { organisation: usize },
    /// What is demanded contradicts itself. All contradictions are named.
    Contradictions(Vec<Contradiction>),
}

/// Demands that cannot be met together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    PinnedAndForbidden(Pair),
    /// The organisation is pinned to more villages than its capacity has room for beside what exists.
    OrganisationPinnedBeyondCapacity {
        organisation: usize,
        capacity: u32,
        existing: u32,
        pinned: Vec<usize>,
    },
    /// The village is pinned to more organisations than its capacity has room for beside what exists.
    VillagePinnedBeyondCapacity {
        village: usize,
        capacity: u32,
        existing: u32,
        pinned: Vec<usize>,
    },
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(list) => write!(f, "more than {MAX_SIDE} {list}"),
            Self::TooManyPairs => write!(f, "more than {MAX_PAIRS} pairs"),
            Self::TooManyPlaces(list) => write!(f, "the {list} have more than {MAX_PLACES} places"),
            Self::Order { list, at } => write!(f, "number {at} of the {list} is not in the order of codes"),
            Self::NoSuchPair(pair) => write!(f, "there is no pair {pair:?}"),
            Self::Score(pair, score) => write!(f, "the score {score} of {pair:?} is beyond {MAX_SCORE}"),
            Self::Wish { organisation } => write!(f, "organisation {organisation} does not exist or has two wishes"),
            Self::Contradictions(all) => write!(f, "demands contradict each other: {all:?}"),
        }
    }
}

impl Error for Invalid {}
