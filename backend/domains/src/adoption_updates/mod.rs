//! What cadres do for institutions, month by month.

pub mod list;
pub mod service;
pub mod workbook;
