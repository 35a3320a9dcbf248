//! Progress updates (进展情况).

pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
