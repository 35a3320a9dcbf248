//! The work list (待办).

mod orders;
pub mod service;
mod supervision;
