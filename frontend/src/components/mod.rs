//! The app's own kit: the parts of every page.

pub mod actions;
pub mod chart;
pub mod detail;
pub mod dialog;
pub mod doubles;
pub mod excerpt;
pub mod filters;
pub mod form;
pub mod import;
pub mod language;
pub mod list;
pub mod load;
pub mod page;
pub mod picker;
pub mod second_look;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod toast;
pub mod typing;
pub mod why;
