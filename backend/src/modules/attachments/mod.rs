//! Attachments: photos and scans that belong to an object.

pub mod access;
pub mod content;
pub mod entity;
pub mod routes;
pub mod service;
