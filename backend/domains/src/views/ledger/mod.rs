//! The ledger of 贫困人口动态清零.

pub mod policy;
pub mod service;
pub mod suppression;
pub mod workbook;
