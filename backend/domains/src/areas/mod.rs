//! Areas (行政区划): the tree everything else hangs on.

pub mod import;
pub mod service;
