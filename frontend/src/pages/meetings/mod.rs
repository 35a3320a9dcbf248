//! Meetings: list, page, form.

mod detail;
mod form;
mod list;
mod parties;

use contract::meetings::MeetingState;
use leptos::prelude::*;

use crate::components::page::{self, Tone};
use crate::i18n::Text;

/// The page of a path below `/meetings`.
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
fn chip(state: MeetingState) -> AnyView {
    let tone = match state {
        MeetingState::Planned => Tone::Warning,
        MeetingState::Held => Tone::Good,
        MeetingState::Cancelled => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}
