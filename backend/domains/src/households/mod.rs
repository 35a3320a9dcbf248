//! Household files (帮扶户): sealed at rest, masked in every answer, read in full only with a purpose.

pub mod consent;
mod correcting;
mod days;
mod doubles;
pub mod eligibility;
pub mod export;
pub mod joining;
pub mod ledger;
pub mod merging;
pub mod moving;
pub mod names;
pub mod policy;
pub mod published;
mod renewal;
pub mod retention;
pub mod reveal;
pub mod search;
pub mod service;
pub mod splitting;
pub mod succession;
mod uniqueness;
pub mod visits;
pub mod workbook;
pub mod writing;
