//! The audit trail: who did what, sealed so that any change is detected.

pub mod families;
pub mod noted;
pub mod seal;
pub mod service;
pub mod verify;
pub mod workbook;
