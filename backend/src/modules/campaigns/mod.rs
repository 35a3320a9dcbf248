//! Campaigns (活动).

pub mod entity;
pub mod policy;
pub mod routes;
pub mod service;
