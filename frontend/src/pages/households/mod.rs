//! Household files: list, search by number or name, page, form.
//!
//! What a file says in full is on the page only while it is looked at: it stands in no address, is kept in no storage and goes with
//! the dialog or form that asked for it.

mod consent;
mod detail;
mod form;
mod list;
mod reveal;
mod search;
mod visits;

use leptos::prelude::*;

/// The page of a path below `/households`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        ["search"] => Some(search::page()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
