//! Accounts: list, page, form, and the one-time password that is shown once.

mod detail;
mod form;
mod list;
pub mod password;

use leptos::prelude::*;

/// The page of a path below `/users`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
