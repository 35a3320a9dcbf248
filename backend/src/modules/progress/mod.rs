//! Progress updates (进展情况).

pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
