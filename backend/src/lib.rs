//! Baishe (百社): the service behind “百社解千难”.

pub mod api;
pub mod backup;
pub mod command_line;
pub mod commands;
pub mod demo;
mod host;
pub mod keys;
mod portal;
pub mod startup;
