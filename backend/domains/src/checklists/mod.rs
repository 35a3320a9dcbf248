//! Checklists (检查清单模板), by which inspections are held.

pub mod list;
pub mod service;
pub mod workbook;
