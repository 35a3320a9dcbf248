//! Assistance records (帮扶记录): what was done for a household.

pub mod figures;
pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
