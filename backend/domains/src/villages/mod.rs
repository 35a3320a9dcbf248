//! Villages and communities (村、社区).

pub mod list;
pub mod service;
pub mod workbook;
