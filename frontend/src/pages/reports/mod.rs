//! Monthly reports: list, page, form. The view of a month uses their chips and steps too.

mod annex;
mod detail;
mod form;
mod list;

use leptos::prelude::*;

pub use detail::{chip, nil, not_yet, rule, standing};

/// The page of a path below `/reports`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}
