//! Pairings: list, page with the year, task book, form.

mod course;
mod detail;
mod form;
mod list;
mod next;
mod task_book;
mod year;

use leptos::prelude::*;

pub use detail::chip;

/// The page of a path below `/pairings`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "task-book"] => Some(task_book::page(id)),
        _ => None,
    }
}
