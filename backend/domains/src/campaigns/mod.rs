//! Campaigns (活动).

pub mod policy;
pub mod service;
