//! Areas (行政区划): the tree to which everything else belongs.

pub mod import;
pub mod service;
pub mod succession;
