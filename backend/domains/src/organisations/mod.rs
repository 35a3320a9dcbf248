//! Social organisations (社会组织).

pub mod service;
pub mod workbook;
