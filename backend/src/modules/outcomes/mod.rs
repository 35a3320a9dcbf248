//! Outcomes (帮扶成效).

pub mod figures;
pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
