//! What triggers count of a campaign with each change, so that a figure of a million records costs no more than one of ten. What
//! they count is declared in `backend/migration/src/tallies/counted.rs`.

pub mod service;
