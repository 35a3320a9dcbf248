//! Measures: the parts of a household's plan, month by month.

pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
