//! Enrolments (报名、推荐).

pub mod list;
pub mod policy;
pub mod service;
pub mod succession;
pub mod workbook;
