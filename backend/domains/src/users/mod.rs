//! Accounts of people.

pub mod policy;
pub mod service;
