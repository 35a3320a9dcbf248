//! Requests for accounts that hold power: one administrator asks, somebody else confirms.

pub mod policy;
pub mod service;
