//! Signing in: accounts, sessions, passwords.

pub mod cookie;
pub mod entity;
pub mod password;
pub mod policy;
pub mod routes;
pub mod second_factor;
pub mod service;
