//! Supervision orders (督查调度): drafted from what is behind, issued with a number, received, answered and closed.

pub mod document;
pub mod drafting;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
