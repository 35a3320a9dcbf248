//! Agreements (结对协议书): signing one makes its pairing active.

pub mod document;
pub mod policy;
pub mod routes;
pub mod service;
mod workbook;
