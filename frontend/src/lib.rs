//! The Baishe app: everything that the staff sees, rendered in the browser from the contract's types.

pub mod api;
mod app;
pub mod components;
pub mod dom;
pub mod format;
pub mod i18n;
pub mod layout;
pub mod navigation;
pub mod pages;
pub mod query;
pub mod router;
pub mod session;
pub mod waiting;

/// Starts the app in the page.
pub fn run() {
    console_error_panic_hook::set_once();
    i18n::restore();
    leptos::mount::mount_to_body(app::app);
}
