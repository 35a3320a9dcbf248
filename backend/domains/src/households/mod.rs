//! Household files (帮扶户): sealed at rest, masked in every answer, read in full only with a purpose.

pub mod consent;
mod elsewhere;
pub mod export;
pub mod ground;
pub mod ledger;
pub mod merging;
pub mod policy;
pub mod retention;
pub mod reveal;
pub mod rows;
pub mod search;
pub mod service;
pub mod visits;
pub mod workbook;
