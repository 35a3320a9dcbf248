//! Assistance plans (帮扶方案，一户一策): what will be done for a household.

pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
