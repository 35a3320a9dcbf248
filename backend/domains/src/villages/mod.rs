//! Villages and communities (村、社区).

pub mod service;
pub mod workbook;
