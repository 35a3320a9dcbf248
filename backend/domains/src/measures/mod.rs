//! Measures: what a household's plan is made of, month by month.

pub mod policy;
pub mod service;
pub mod workbook;
