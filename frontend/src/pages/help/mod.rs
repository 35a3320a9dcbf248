//! Records of help for institutions: list, page, form; and those of an adoption, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::adoptions::{HelpQuery, HelpRecord, HelpState};
use contract::{Lang, Resource};
use leptos::prelude::*;

use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::pages::assistance::goods_words;
use crate::{api, format, t};

/// The page of a path below `/help-records`.
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
fn chip(state: HelpState) -> AnyView {
    let tone = match state {
        HelpState::Recorded => Tone::Warning,
        HelpState::Confirmed => Tone::Good,
        HelpState::Rejected => Tone::Bad,
        HelpState::Revoked => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// What was given, in one line: money, goods, hours; otherwise what is told of it.
pub fn given(record: &HelpRecord, lang: Lang) -> String {
    let details = &record.details;
    let parts: Vec<_> = [
        details.amount_fen.map(format::money),
        (!details.goods.is_empty()).then(|| goods_words(&details.goods, lang)),
        details.hours.map(|hours| t!(help::of_hours, format::count(hours.into()))),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (parts.as_slice(), &details.description) {
        ([], Some(description)) => description.clone(),
        ([], None) => "—".to_owned(),
        (parts, _) => parts.join(lang.pick("，", ", ")),
    }
}

/// The tab with the records that the query names, latest first.
pub fn tab(query: HelpQuery) -> Tab {
    let query = HelpQuery { limit: Some(200), ..query };
    Tab::new("help", texts::help::HEADING, move || records(query.clone()))
}

fn records(query: HelpQuery) -> AnyView {
    load::show(load::load(move || api::help::list(&query)), |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(help::NONE)}</p> }.into_any();
        }
        let rows = page.items.iter().map(|record| {
            let (day, shown) = (record.details.happened_on, record.clone());
            Row::to(record.location())
                .said(move || format::date(day, lang()))
                .label(Text::label(record.details.kind))
                .said(move || given(&shown, lang()))
                .mark(Some(chip(record.state)))
        });
        let heads =
            vec![(field("happened_on"), false), (field("kind"), false), (texts::help::GIVEN, false), (field("state"), false)];
        table::links(texts::help::HEADING, heads, rows)
    })
}
