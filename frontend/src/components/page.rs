//! The head of a page (breadcrumbs, title, chips and actions), and small parts that all pages use.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};
use crate::navigation::{self, Trail};
use crate::{router, t};

/// The head of a page, below the breadcrumbs. Also sets the title of the window.
pub fn head(title: impl Fn() -> String + Clone + Send + Sync + 'static, beside: AnyView, actions: AnyView) -> AnyView {
    let shown = title.clone();
    let trail = navigation::trail(&router::here().path);
    let within = trail.as_ref().map(|trail| trail.entry.text);
    Effect::new(move || {
        let parts = [Some(shown()), within.map(|text| text.get().to_owned()), Some(t!(nav::PRODUCT)().to_owned())];
        document().set_title(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    });
    view! {
        <header class="page-head">
            {trail.map(breadcrumbs)}
            <div class="page-title">
                <h1 id="page-title" tabindex="-1">{title}</h1>
                {beside}
                <div class="page-actions">{actions}</div>
            </div>
        </header>
    }
    .into_any()
}

/// A head with a title only.
pub fn plain_head(title: Text) -> AnyView {
    head(move || title.get().to_owned(), ().into_any(), ().into_any())
}

fn breadcrumbs(trail: Trail) -> AnyView {
    view! {
        <nav class="breadcrumbs" aria-label=t!(nav::BREADCRUMBS)>
            <ol>
                {trail.group.map(|text| view! { <li>{reactive(text)}</li> })}
                <li><a href=trail.entry.path>{reactive(trail.entry.text)}</a></li>
                {trail.record.map(|path| view! { <li><a href=path>{t!(nav::DETAILS)}</a></li> })}
            </ol>
        </nav>
    }
    .into_any()
}

/// How good or bad a state is, as a colour beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Good,
    Warning,
    Bad,
    Accent,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Neutral => "chip",
            Self::Good => "chip good",
            Self::Warning => "chip warning",
            Self::Bad => "chip bad",
            Self::Accent => "chip accent",
        }
    }
}

/// A chip: a state in words and colour.
pub fn chip(text: Text, tone: Tone) -> AnyView {
    view! { <span class=tone.class()>{reactive(text)}</span> }.into_any()
}

/// A chip with a text that is the same in both languages, such as a figure.
pub fn chip_text(text: String, tone: Tone) -> AnyView {
    view! { <span class=tone.class()>{text}</span> }.into_any()
}

/// A titled part of a page.
pub fn section(title: Text, body: AnyView) -> AnyView {
    view! { <section class="card"><h2>{reactive(title)}</h2>{body}</section> }.into_any()
}

/// The main link in a page's head.
pub fn primary_link(href: String, text: Text) -> AnyView {
    view! { <a class="button primary" href=href>{reactive(text)}</a> }.into_any()
}

/// A link that looks like a secondary button.
pub fn link(href: String, text: Text) -> AnyView {
    view! { <a class="button" href=href>{reactive(text)}</a> }.into_any()
}
