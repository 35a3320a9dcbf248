//! Findings (发现问题) of inspections, their rectification (整改) and verification (复核、销号).

pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
