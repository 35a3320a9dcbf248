//! The commands of `baishe` that call domains, and what they print.

pub mod audit;
pub mod retention;
pub mod user;
