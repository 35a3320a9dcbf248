//! Assistance records (帮扶记录): what was done for a household.

mod doubles;
pub mod figures;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
