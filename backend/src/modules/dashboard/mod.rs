//! The dashboard.

pub mod routes;
pub mod service;
