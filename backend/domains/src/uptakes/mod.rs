//! Who has taken up a case or a good practice of somebody else (相互取经).

pub mod list;
pub mod service;
pub mod workbook;
