//! Outcomes (帮扶成效).

pub mod figures;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
