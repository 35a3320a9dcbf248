//! Enrolments (报名、推荐).

pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
