//! The dashboard.

mod figures;
pub mod service;
