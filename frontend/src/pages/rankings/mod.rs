//! Rankings: one's own is ranked on its page; others are listed once they may be seen.

mod detail;
mod form;
mod list;
mod own;

use contract::Role;
use leptos::prelude::*;

use crate::session;

/// The page of a path below `/rankings`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] if session::is_one_of(&[Role::Organisation, Role::Village]) => Some(own::page()),
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
