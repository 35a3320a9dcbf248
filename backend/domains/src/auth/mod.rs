//! Signing in: accounts, sessions, passwords.

pub mod credentials;
pub mod own_history;
pub mod password;
pub mod policy;
mod refresh;
pub mod second_factor;
pub mod service;
pub mod throttle;
