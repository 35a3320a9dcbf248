//! Requests for accounts that take two persons: list and page.

mod detail;
mod list;

use leptos::prelude::*;

/// The page of a path below `/account-requests`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        [id] => Some(detail::page(id)),
        _ => None,
    }
}
