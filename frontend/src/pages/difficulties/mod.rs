//! Difficulties of institutions, and how they were solved: list, page, form; and those of an institution, as a tab of a page.

mod detail;
mod form;
mod list;

use contract::Resource;
use contract::adoptions::{DifficultyQuery, DifficultyState};
use leptos::prelude::*;

use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format, t};

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
    let query = DifficultyQuery { limit: Some(200), ..query };
    Tab::new("difficulties", texts::difficulties::HEADING, move || difficulties(query.clone()))
}

fn difficulties(query: DifficultyQuery) -> AnyView {
    load::show(load::load(move || api::difficulties::list(&query)), |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(difficulties::NONE)}</p> }.into_any();
        }
        let rows = page.items.iter().map(|difficulty| {
            let raised = difficulty.details.raised_on;
            Row::to(difficulty.location())
                .text(difficulty.details.title.clone())
                .mark(Some(chip(difficulty.state)))
                .said(move || format::date(raised, lang()))
                .text(difficulty.solution.clone())
        });
        let heads = ["title", "state", "raised_on", "solution"].map(|name| (field(name), false));
        table::links(texts::difficulties::HEADING, heads.to_vec(), rows)
    })
}
