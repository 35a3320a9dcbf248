//! A cadre's year on one page.

pub mod service;
