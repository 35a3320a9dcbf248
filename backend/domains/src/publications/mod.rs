//! Publications: figures of a campaign until a month, as the public is told them (加大宣传).

pub mod counting;
pub mod file;
pub mod list;
pub mod policy;
pub mod service;
pub mod suppression;
pub mod workbook;
