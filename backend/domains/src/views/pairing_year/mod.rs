//! The year of a pair on one page, and as the document that says what is to be done by when (任务书、时间表).

pub mod policy;
pub mod service;
pub mod task_book;
