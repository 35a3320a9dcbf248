//! Baishe (百社): the service behind “百社解千难”.

pub mod backup;
pub mod demo;
pub mod keys;
pub mod modules;
pub mod platform;
pub mod startup;
