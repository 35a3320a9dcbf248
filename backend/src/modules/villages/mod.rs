//! Villages and communities (村、社区).

pub mod routes;
pub mod service;
pub mod workbook;
