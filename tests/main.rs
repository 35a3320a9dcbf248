//! Tests of the running service: `api` starts it in this process with a database of its own, `processes` as the program it is; both speak
//! HTTP to it. `storage` and `soak` fill its disk and kill it, `siege` attacks it. `browser` clicks through the app.
//!
//! `cargo xtask test` runs them, on SQLite and PostgreSQL. How to add some: see [`support`] and [`browser`].

mod api;
mod browser;
mod crafted;
mod processes;
mod secrecy;
mod siege;
mod soak;
mod storage;
mod support;
