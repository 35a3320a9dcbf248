//! Assistance plans (帮扶方案，一户一策): what will be done for a household.

pub mod list;
pub mod service;
pub mod workbook;
