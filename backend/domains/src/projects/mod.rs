//! Projects (合作项目): what a pairing does together.

pub mod figures;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
