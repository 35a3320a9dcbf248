//! Records of help for institutions: list, page, form; and those of an adoption, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::adoptions::{HelpQuery, HelpRecord, HelpState};
use contract::{Lang, ObjectKind, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::page::{self, Tone};
use crate::components::table::Row;
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
    let excerpt = Excerpt {
        kind: ObjectKind::HelpRecord,
        heading: texts::help::HEADING,
        heads: vec![(field("happened_on"), false), (field("kind"), false), (texts::help::GIVEN, false), (field("state"), false)],
        call: api::help::list,
        row,
        none: texts::help::NONE,
    };
    excerpt.tab("help", query)
}

fn row(record: &HelpRecord) -> Row {
    let (day, shown) = (record.details.happened_on, record.clone());
    Row::to(record.location())
        .said(move || format::date(day, lang()))
        .label(Text::label(record.details.kind))
        .said(move || given(&shown, lang()))
        .mark(Some(chip(record.state)))
}
