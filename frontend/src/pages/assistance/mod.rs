//! Assistance records: list, page with the chain of corrections, form; and the records of a household, measure or pairing.

mod chain;
mod detail;
mod form;
mod list;

use std::sync::Arc;

use contract::assistance::{AssistanceRecord, Goods, RecordQuery, RecordSort};
use contract::{CodedEnum, Lang, Page, Resource, Sort};
use leptos::prelude::*;

use crate::api;
use crate::components::form::Form;
use crate::components::load;
use crate::components::table::{self, Row};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::{format, query, t};

/// The page of a path below `/assistance-records`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        [id, "correct"] => Some(form::correct(id)),
        _ => None,
    }
}

/// The most records in a tab, which then links to the list.
const SHOWN: u32 = 20;

/// The records of an object, latest first.
pub fn table_of(of: RecordQuery) -> AnyView {
    let whole = format!("/assistance-records?{}", query::of(&of));
    let sort = Some(Sort { by: RecordSort::HappenedOn, descending: true });
    let asked = RecordQuery { sort, limit: Some(SHOWN), ..of };
    load::show(load::load(move || api::assistance::list(&asked)), move |page: Arc<Page<AssistanceRecord>>| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(assistance::NONE)}</p> }.into_any();
        }
        let capped = page.total_capped;
        let more = page.next_cursor.as_ref().and(page.total).map(|total| {
            let total = format::total(total, capped);
            view! { <p><a href=whole.clone()>{move || t!(assistance::all, total)}</a></p> }
        });
        view! { {rows(texts::assistance::HEADING, &page.items, None)}{more} }.into_any()
    })
}

/// Records as table rows; `here` is the record of the current page.
fn rows(caption: Text, records: &[AssistanceRecord], here: Option<&AssistanceRecord>) -> AnyView {
    let heads = vec![
        (field("happened_on"), false),
        (field("kind"), false),
        (texts::assistance::GIVEN_BY, false),
        (field("member_name"), false),
        (field("amount_fen"), true),
        (field("goods"), false),
        (field("state"), false),
    ];
    let rows = records.iter().map(|record| {
        let (on, goods) = (record.happened_on, record.goods.clone());
        let date = move || format::date(on, lang());
        let row = match here {
            Some(here) if here.id == record.id => {
                Row::default().mark(Some(view! { {date}" "<span class="muted">{t!(assistance::THIS)}</span> }.into_any()))
            }
            _ => Row::to(record.location()).said(date),
        };
        row.label(Text::label(record.kind))
            .mark(Some(giver(record)))
            .mark(Some(member(record)))
            .text(record.amount_fen.map(format::money))
            .mark((!goods.is_empty()).then(|| (move || goods_words(&goods, lang())).into_any()))
            .mark(Some(detail::chip(record.state)))
    });
    table::rows(caption, heads, rows)
}

/// The giver: an organisation, or the village or town itself.
fn giver(record: &AssistanceRecord) -> AnyView {
    match &record.organisation_name {
        Some(name) => name.clone().into_any(),
        None => reactive(Text::label(record.recorded_by)).into_any(),
    }
}

/// The recipient: a member, masked, or the family.
fn member(record: &AssistanceRecord) -> AnyView {
    match &record.member_name {
        Some(name) => name.clone().into_any(),
        None => t!(households::WHOLE).into_any(),
    }
}

/// What was given besides money.
pub fn goods_words(goods: &[Goods], lang: Lang) -> String {
    let words: Vec<_> = goods.iter().map(|one| format!("{} {}{}", one.name, format::count(one.quantity), one.unit)).collect();
    if words.is_empty() { "—".to_owned() } else { words.join(lang.pick("、", ", ")) }
}

/// A record in one line: for whom, what kind of help, and the money or goods.
fn title(record: &AssistanceRecord, lang: Lang) -> String {
    let given = match (record.amount_fen, record.goods.as_slice()) {
        (Some(fen), _) => format::money(fen),
        (None, []) => format::date(record.happened_on, lang),
        (None, goods) => goods_words(goods, lang),
    };
    format!("{} · {} · {given}", record.file_number, record.kind.label(lang))
}

/// The fields of goods that were given.
pub fn goods(form: Form, at: &str) -> AnyView {
    view! {
        {form.field(format!("{at}/name")).required().labelled(texts::assistance::GOODS_NAME).text()}
        {form.field(format!("{at}/quantity")).required().labelled(field("quantity")).number()}
        {form.field(format!("{at}/unit")).required().labelled(texts::assistance::GOODS_UNIT).text()}
    }
    .into_any()
}
