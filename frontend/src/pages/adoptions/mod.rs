//! Adoptions: list, page, form; and those of an institution, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::adoptions::{Adoption, AdoptionFigures, AdoptionQuery, AdoptionState};
use contract::dashboard::Figure;
use contract::{ObjectKind, Permission, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Head, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{api, format, session, t};

/// The page of a path below `/adoptions`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        _ => None,
    }
}

/// The state as a chip.
pub fn chip(state: AdoptionState) -> AnyView {
    let tone = match state {
        AdoptionState::Proposed | AdoptionState::Accepted => Tone::Warning,
        AdoptionState::Active | AdoptionState::Completed => Tone::Good,
        AdoptionState::Terminated => Tone::Bad,
        AdoptionState::Declined | AdoptionState::Withdrawn | AdoptionState::Expired => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// The tab with the adoptions that the query names, for those who may read them.
pub fn tab(query: AdoptionQuery) -> Option<Tab> {
    let excerpt = Excerpt {
        kind: ObjectKind::Adoption,
        heading: texts::adoptions::HEADING,
        heads: heads(),
        call: api::adoptions::list,
        row,
        none: texts::adoptions::NONE,
    };
    session::may(Permission::ReadAdoptions).then(|| excerpt.tab("adoptions", query))
}

/// Adoptions in a small table.
pub fn rows(adoptions: &[Adoption]) -> AnyView {
    if adoptions.is_empty() {
        return view! { <p class="muted">{t!(adoptions::NONE)}</p> }.into_any();
    }
    table::links(texts::adoptions::HEADING, heads(), adoptions.iter().map(row))
}

fn heads() -> Vec<Head> {
    ["institution_name", "cadre_name", "state", "active_since"].map(|name| (field(name), false)).to_vec()
}

fn row(adoption: &Adoption) -> Row {
    let since = adoption.active_since;
    Row::to(adoption.location())
        .text(adoption.institution_name.clone())
        .text(adoption.cadre_name.clone())
        .mark(Some(chip(adoption.state)))
        .said(move || since.map_or_else(|| "—".to_owned(), |day| format::date(day, lang())))
}

/// What cadres do for institutions, apart from what is done for villages: each figure a link to its records.
pub fn figures(figures: &AdoptionFigures) -> AnyView {
    let draw = |text: Text, number: String, href: &str| {
        let href = href.to_owned();
        view! { <div><dt>{reactive(text)}</dt><dd><a href=href>{number}</a></dd></div> }.into_any()
    };
    let figure = |text, figure: &Figure| draw(text, format::count(figure.value), &figure.records);
    let help = &figures.help.records;
    view! {
        <dl class="key-figures">
            {figure(Text::label(AdoptionState::Active), &figures.active)}
            {figure(texts::adoption_updates::HEADING, &figures.updates)}
            {figure(texts::cadre_year::HELPED, &figures.help)}
            {draw(texts::cadre_year::MONEY, format::money(figures.amount_fen), help)}
            {draw(texts::cadre_year::HOURS, format::count(figures.hours), help)}
            {figure(texts::cadre_year::SOLVED, &figures.solved)}
            {figure(texts::cadre_year::OPEN, &figures.open)}
        </dl>
    }
    .into_any()
}
