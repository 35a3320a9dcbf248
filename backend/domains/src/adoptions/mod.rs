//! Adoptions of institutions by cadres (挂钩帮扶).

pub mod ending;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
