//! Monthly reports (《合作村社帮扶工作开展情况统计表》).

pub mod aid;
pub mod counting;
pub mod export;
pub mod findings;
pub mod list;
pub mod month;
pub mod policy;
pub mod service;
pub mod source;
pub mod workbook;
