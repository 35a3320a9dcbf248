//! Areas (行政区划): the tree everything else hangs on.

pub mod entity;
pub mod import;
pub mod routes;
pub mod service;
