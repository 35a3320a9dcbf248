//! Inspections (督促检查) of pairings in a round.

pub mod inspectors;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
