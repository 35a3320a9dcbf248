//! Assigns organisations to villages for a whole campaign.
//!
//! The crate knows no database, no clock and no other crate of the product. It takes integers and gives integers, so that the
//! same problem has the same answer to the byte on every machine. Both sides are numbered in the order of their codes, which
//! also decides between equals.
//!
//! - [`Problem`] is checked at the entrance: what contradicts itself is named there.
//! - [`Solution`] is the best assignment: no other meets more [wishes](Wish), and none that meets as many scores more. Its
//!   [`Certificate`] proves that, and [`verify`] believes nothing but the proof.
//! - [`Solution::why_not`] tells what it costs to force two together, and who gives way. [`Solution::organisations_left`],
//!   [`Solution::villages_left`] and [`Solution::unmet`] tell why somebody stays without.
//! - [`Solution::greedy`] is what a person would do: always take the best pair that is left.
//! - [`Market`] compares with what both sides ranked: stable assignments, and the pairs that block one.
//!
//! # How the best assignment is found
//!
//! Places of organisations are filled one after the other along shortest paths (successive shortest paths with prices, as in
//! Ahuja, Magnanti and Orlin, *Network Flows*, chapter 12): a newcomer may displace another one, who looks for something else,
//! and so on. Everybody's first place comes before anybody's second, so that equals share.
//!
//! Few pairs are ever looked at. Each organisation begins with its 32 best villages. What it has not seen scores at most as much
//! as the last one that it has, so a path that might need an unseen village first makes it look further. That is exact: the
//! pruning leaves out what cannot matter, not what probably does not.
//!
//! # Why not a crate
//!
//! `ac-library-rs` has minimum-cost flow, but keeps its prices to itself, refuses negative costs, wants all arcs in advance (five
//! million of them), and searches the whole network for each unit. Proof, reasons and shortest paths from a pair all need the
//! prices. The other crates have no flow with costs, or a licence that does not fit.

mod certificate;
mod explain;
mod greedy;
mod invalid;
mod problem;
mod rows;
mod search;
mod solution;
mod stable;
#[cfg(test)]
mod tests;
mod worth;

pub use certificate::{Certificate, Flaw, verify};
pub use explain::{Better, Left, Reason, Shortage, Unmet, WhyNot};
pub use invalid::{Contradiction, Invalid, List};
pub use problem::{Input, MAX_PAIRS, MAX_PLACES, MAX_SCORE, MAX_SIDE, Mark, Pair, Problem, Side, Wish};
pub use solution::{Assignment, Solution};
pub use stable::{InvalidRanking, MAX_RANKED, Market, Rankings};
pub use worth::Worth;
