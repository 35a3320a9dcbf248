//! Villages and communities (村、社区).

pub mod entity;
pub mod routes;
pub mod service;
pub mod workbook;
