//! Pairings: list, page, form.

mod detail;
mod form;
mod list;

use leptos::prelude::*;

pub use detail::chip;

/// The page of a path below `/pairings`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        _ => None,
    }
}
