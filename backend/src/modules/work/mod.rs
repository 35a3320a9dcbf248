//! The work list (待办).

pub mod routes;
pub mod service;
