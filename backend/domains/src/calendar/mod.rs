//! The working calendar (工作日历): public holidays, and the days that are worked instead.

pub mod list;
pub mod service;
pub mod workbook;
