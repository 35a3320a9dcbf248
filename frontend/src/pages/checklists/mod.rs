//! Checklists of inspections: list, page, form.

mod detail;
mod form;
mod list;

use contract::inspections::ChecklistState;
use leptos::prelude::*;

use crate::components::page::{self, Tone};
use crate::i18n::Text;

/// The page of a path below `/checklists`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The state as a chip.
fn chip(state: ChecklistState) -> AnyView {
    let tone = match state {
        ChecklistState::Draft => Tone::Warning,
        ChecklistState::InUse => Tone::Good,
        ChecklistState::Retired => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}
