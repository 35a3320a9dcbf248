//! Tests of the running service: each starts it in this process with a database of its own, and speaks HTTP to it.
//!
//! `cargo xtask test` runs them, on SQLite and PostgreSQL. How to add some: see [`support`].

mod api;
mod support;
