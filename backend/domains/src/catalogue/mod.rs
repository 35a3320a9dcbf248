//! The catalogue of needs and offers (供需目录).

pub mod booklet;
pub mod commitments;
pub mod ending;
pub mod list;
pub mod policy;
pub mod service;
pub mod takers;
pub mod workbook;
