//! Progress updates (进展情况).

pub mod policy;
pub mod service;
pub mod workbook;
