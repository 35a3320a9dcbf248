//! Pairings (结对): the heart.

pub mod carrying;
pub mod ending;
pub mod list;
pub mod policy;
pub mod service;
pub mod succession;
pub mod workbook;
