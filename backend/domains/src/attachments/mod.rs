//! Attachments: photos and scans that belong to an object.

pub mod access;
pub mod content;
mod office;
mod pdf;
mod picture;
pub mod service;
