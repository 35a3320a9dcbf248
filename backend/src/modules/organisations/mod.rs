//! Social organisations (社会组织).

pub mod routes;
pub mod service;
pub mod workbook;
