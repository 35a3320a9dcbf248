//! The dashboard.

pub mod policy;
pub mod routes;
pub mod service;
