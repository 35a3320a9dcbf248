//! Difficulties of institutions, and how they were solved.

pub mod list;
pub mod service;
pub mod workbook;
