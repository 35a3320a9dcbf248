//! Publications: list, page, and the preview from which a month is published.

mod detail;
mod list;
mod preview;
mod table;

use contract::publications::PublicationState;
use leptos::prelude::*;

use crate::components::page::{self, Tone};
use crate::i18n::Text;

/// The page of a path below `/publications`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(preview::page()),
        [id] => Some(detail::page(id)),
        _ => None,
    }
}

/// The state as a chip.
fn chip(state: PublicationState) -> AnyView {
    let tone = match state {
        PublicationState::Published => Tone::Good,
        PublicationState::Withdrawn => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}
