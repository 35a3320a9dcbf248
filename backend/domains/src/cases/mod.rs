//! Cases (典型案例) and good practices (好的做法): what others can learn from.

pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
