//! What anybody reads without an account.

pub mod service;
