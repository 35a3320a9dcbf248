//! Villages and communities: list, profile, form.

mod detail;
mod form;
mod list;

use leptos::prelude::*;

/// The page of a path below `/villages`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        [code] => Some(detail::page(code)),
        [code, "edit"] => Some(form::edit(code)),
        _ => None,
    }
}
