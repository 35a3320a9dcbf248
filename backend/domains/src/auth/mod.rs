//! Signing in: accounts, sessions, passwords.

pub mod credentials;
pub mod password;
pub mod policy;
mod refresh;
pub mod second_factor;
pub mod service;
pub mod throttle;
