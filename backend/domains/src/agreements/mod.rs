//! Agreements (结对协议书): signing one makes its pairing active.

pub mod document;
pub mod list;
pub mod policy;
pub mod service;
pub mod workbook;
