//! Requests for powerful accounts: one administrator asks, somebody else confirms.

pub mod asking;
pub mod policy;
pub mod service;
