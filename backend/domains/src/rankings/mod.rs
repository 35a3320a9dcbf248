//! Rankings (双向选择): which villages an organisation would like best, and which organisations a village.

pub mod ending;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
