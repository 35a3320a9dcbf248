//! Assignments: who should be paired with whom in a whole campaign.

mod compute;
pub mod list;
pub mod service;
mod told;
mod workbook;
