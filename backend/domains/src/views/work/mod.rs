//! The work list (待办).

pub mod service;
mod supervision;
