//! Rounds of inspections (检查批次): 年初部署、年中检查、年终验收, and spot checks.

pub mod draw;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
