//! Accounts of people.

pub mod asking;
pub mod command;
pub mod policy;
pub mod service;
