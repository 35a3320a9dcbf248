//! The dashboard.

mod figures;
pub mod routes;
pub mod service;
