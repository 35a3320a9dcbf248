//! Meetings of a campaign: the kick-off (动员部署会议), and later ones.

pub mod list;
pub mod service;
pub mod workbook;
