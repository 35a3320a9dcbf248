//! The forecast of a campaign's targets.

mod estimate;
pub mod service;
