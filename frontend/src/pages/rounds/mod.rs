//! Rounds of inspections: list, page with the draw, form; and those of a checklist, as a tab of its page.

mod detail;
mod draw;
mod form;
mod list;

use contract::inspections::{InspectionRound, RoundQuery, RoundState};
use contract::{ObjectKind, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::Row;
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format};

/// The page of a path below `/inspection-rounds`.
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
fn chip(state: RoundState) -> AnyView {
    let tone = match state {
        RoundState::Draft => Tone::Warning,
        RoundState::Open => Tone::Accent,
        RoundState::Closed => Tone::Good,
        RoundState::Cancelled => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// How many inspections of a round were held.
fn held(round: &InspectionRound) -> String {
    format!("{} / {}", format::count(round.held), format::count(round.inspections))
}

/// The tab with the rounds that the query names, latest first.
pub fn tab(query: RoundQuery) -> Tab {
    let excerpt = Excerpt {
        kind: ObjectKind::InspectionRound,
        heading: texts::rounds::HEADING,
        heads: ["title", "kind", "starts_on", "state"].map(|name| (field(name), false)).to_vec(),
        call: api::rounds::list,
        row,
        none: texts::rounds::NONE,
    };
    excerpt.tab("rounds", query)
}

fn row(round: &InspectionRound) -> Row {
    let from = round.details.starts_on;
    Row::to(round.location())
        .text(round.details.title.clone())
        .label(Text::label(round.details.kind))
        .said(move || format::date(from, lang()))
        .mark(Some(chip(round.state)))
}
