//! Projects: list, page, form; and the paths of their plans.

mod detail;
mod form;
mod list;

use leptos::prelude::*;

pub use detail::chip;

use super::tasks::plan;

/// The page of a path below `/projects`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "plan"] => Some(plan::page(id)),
        [id, "plan", "edit"] => Some(plan::edit(id)),
        _ => None,
    }
}
