//! Detail pages: read a record and show its title, key facts, tabs and history.

use std::sync::Arc;

use leptos::prelude::*;

use super::{load, page, tabs, timeline};
use crate::api::{Call, Record};
use crate::i18n::{Text, field, lang, reactive, texts};
use crate::session;

/// The content of a record's page.
pub struct Detail {
    pub title: String,
    /// State and other chips beside the title.
    pub chips: AnyView,
    /// Whether the person may change the record, which adds a link to its form.
    pub editable: bool,
    /// Buttons beside the link to the form.
    pub actions: AnyView,
    pub tabs: Vec<tabs::Tab>,
}

/// The page of a record, whose last tab is its history. The callback of `draw` reads the record again.
pub fn page<R: Record>(read: impl Fn() -> Call<R> + 'static, draw: fn(Arc<R>, Callback<()>) -> Detail) -> AnyView {
    let record = load::load(read);
    let reload = Callback::new(move |()| record.reload());
    load::show(record, move |record| {
        let path = record.location();
        let history = R::HISTORY.is_none_or(session::may).then(|| timeline::of(path.clone(), R::coded));
        // Titles contain dates and labels, so a change of the language redraws the page.
        (move || {
            lang();
            frame(draw(record.clone(), reload), path.clone(), history.clone())
        })
        .into_any()
    })
}

fn frame(mut detail: Detail, path: String, history: Option<tabs::Content>) -> AnyView {
    detail.tabs.extend(history.map(|content| tabs::Tab { key: "history", title: texts::detail::HISTORY, content }));
    let title = detail.title;
    let edit = detail.editable.then(|| page::primary_link(format!("{path}/edit"), texts::detail::EDIT));
    view! {
        {page::head(move || title.clone(), detail.chips, view! { {detail.actions}{edit} }.into_any())}
        {tabs::tabs(detail.tabs)}
    }
    .into_any()
}

/// Name and value of a fact.
pub type Fact = (Text, AnyView);

/// A fact named by its field; a missing value is a dash.
pub fn fact(name: &'static str, value: impl Into<Option<String>>) -> Fact {
    (field(name), value.into().unwrap_or_else(|| "—".into()).into_any())
}

/// A fact whose value depends on the language.
pub fn fact_in(name: &'static str, value: impl Fn() -> String + Send + 'static) -> Fact {
    (field(name), value.into_any())
}

/// Facts as a description list, side by side if there is space.
pub fn facts(facts: Vec<Fact>) -> AnyView {
    list(facts, "facts")
}

/// Long texts as a description list, one below the other.
pub fn told(facts: Vec<Fact>) -> AnyView {
    list(facts, "facts told")
}

fn list(facts: Vec<Fact>, class: &'static str) -> AnyView {
    let rows = facts.into_iter().map(|(name, value)| view! { <div><dt>{reactive(name)}</dt><dd>{value}</dd></div> }.into_any());
    view! { <dl class=class>{rows.collect_view()}</dl> }.into_any()
}
