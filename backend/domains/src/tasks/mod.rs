//! Tasks (任务) of projects: 将具体任务分解到季度、落实到月.

pub mod behind;
pub mod list;
pub mod plan;
pub mod policy;
pub mod service;
pub mod workbook;
