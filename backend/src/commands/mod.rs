//! The commands of `baishe` that ask the domains: what each prints.

pub mod audit;
pub mod retention;
pub mod user;
