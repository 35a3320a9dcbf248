//! Tests of the running service. `api` starts it in this process with its own database, and `processes` as a program; both speak
//! HTTP to it. `storage` and `soak` fill its disk and kill it, `siege` attacks it. `browser` clicks through the app.
//!
//! `cargo xtask test` runs them, on SQLite and PostgreSQL. To add tests, see [`support`] and [`browser`].

mod api;
mod browser;
mod crafted;
mod processes;
mod secrecy;
mod siege;
mod soak;
mod storage;
mod support;
