//! What has appeared of a campaign in public (宣传报道).

pub mod list;
pub mod months;
pub mod service;
pub mod workbook;
