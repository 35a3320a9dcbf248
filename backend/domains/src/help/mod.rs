//! What cadres do for institutions: money, goods, hours. The institution confirms it.

pub mod figures;
pub mod list;
pub mod service;
pub mod workbook;
