//! Enrolments: list, page, form.

mod detail;
mod form;
mod list;

use leptos::prelude::*;

/// The page of a path below `/enrolments`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
