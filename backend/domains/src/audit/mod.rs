//! The audit trail: who did what, sealed so that nobody can change it unseen.

pub mod noted;
pub mod seal;
pub mod service;
pub mod verify;
pub mod workbook;
