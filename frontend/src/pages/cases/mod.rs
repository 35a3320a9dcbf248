//! Cases and good practices: list, page, form, and the page to print.

mod detail;
mod form;
mod list;
mod story;

use contract::cases::CaseState;
use leptos::prelude::*;

use crate::components::page::{self, Tone};
use crate::i18n::Text;

/// The page of a path below `/cases`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "print"] => Some(story::page(id)),
        _ => None,
    }
}

/// The state as a chip.
fn chip(state: CaseState) -> AnyView {
    let tone = match state {
        CaseState::Nominated => Tone::Warning,
        CaseState::Returned => Tone::Bad,
        CaseState::Selected => Tone::Accent,
        CaseState::Published => Tone::Good,
        CaseState::Unpublished => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}
