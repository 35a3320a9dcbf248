//! Difficulties of institutions, and how they were solved: list, page, form; and those of an institution, as a tab of a page.

mod detail;
mod form;
mod list;

use contract::adoptions::{Difficulty, DifficultyQuery, DifficultyState};
use contract::{ObjectKind, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::Row;
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format};

/// The page of a path below `/difficulties`.
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
fn chip(state: DifficultyState) -> AnyView {
    let tone = match state {
        DifficultyState::Open => Tone::Warning,
        DifficultyState::Solved => Tone::Good,
    };
    page::chip(Text::label(state), tone)
}

/// The tab with the difficulties that the query names, latest first.
pub fn tab(query: DifficultyQuery) -> Tab {
    let excerpt = Excerpt {
        kind: ObjectKind::Difficulty,
        heading: texts::difficulties::HEADING,
        heads: ["title", "state", "raised_on", "solution"].map(|name| (field(name), false)).to_vec(),
        call: api::difficulties::list,
        row,
        none: texts::difficulties::NONE,
    };
    excerpt.tab("difficulties", query)
}

fn row(difficulty: &Difficulty) -> Row {
    let raised = difficulty.details.raised_on;
    Row::to(difficulty.location())
        .text(difficulty.details.title.clone())
        .mark(Some(chip(difficulty.state)))
        .said(move || format::date(raised, lang()))
        .text(difficulty.solution.clone())
}
