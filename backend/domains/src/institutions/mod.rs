//! Civil-affairs service institutions (民政服务机构).

pub mod list;
pub mod service;
pub mod workbook;
