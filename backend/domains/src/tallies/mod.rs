//! Counts of a campaign that triggers keep up to date with each change, so that a figure of a million records costs no more than
//! one of ten. `backend/migration/src/tallies/counted.rs` declares what they count.

pub mod service;
