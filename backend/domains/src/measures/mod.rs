//! Measures: what a household's plan is made of, month by month.

pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
