//! Measures: what a household's plan is made of, month by month.

pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
