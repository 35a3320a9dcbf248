//! The head of a page: breadcrumbs, title, chips and actions; and small things that all pages show.

use leptos::prelude::*;

use crate::i18n::{Text, reactive};
use crate::t;

/// A step of the breadcrumbs: where it leads and what it is called.
pub type Crumb = (String, Text);

/// The head of a page; sets the title of the window too.
pub fn head(
    crumbs: Vec<Crumb>,
    title: impl Fn() -> String + Clone + Send + Sync + 'static,
    beside: AnyView,
    actions: AnyView,
) -> AnyView {
    let shown = title.clone();
    Effect::new(move || document().set_title(&format!("{} · {}", shown(), t!(nav::PRODUCT)())));
    view! {
        <header class="page-head">
            {(!crumbs.is_empty()).then(|| breadcrumbs(crumbs))}
            <div class="page-title">
                <h1 id="page-title" tabindex="-1">{title}</h1>
                {beside}
                <div class="page-actions">{actions}</div>
            </div>
        </header>
    }
    .into_any()
}

/// A head that is only a title.
pub fn plain_head(crumbs: Vec<Crumb>, title: Text) -> AnyView {
    head(crumbs, move || title.get().to_owned(), ().into_any(), ().into_any())
}

fn breadcrumbs(crumbs: Vec<Crumb>) -> AnyView {
    view! {
        <nav class="breadcrumbs" aria-label=t!(nav::BREADCRUMBS)>
            <ol>
                {crumbs.into_iter().map(|(href, text)| view! { <li><a href=href>{reactive(text)}</a></li> }.into_any()).collect_view()}
            </ol>
        </nav>
    }
    .into_any()
}

/// How good or bad a state is, beside its words.
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

/// A state in words and colour.
pub fn chip(text: Text, tone: Tone) -> AnyView {
    view! { <span class=tone.class()>{reactive(text)}</span> }.into_any()
}

/// The same around a text that is the same in both languages, such as a figure.
pub fn chip_text(text: String, tone: Tone) -> AnyView {
    view! { <span class=tone.class()>{text}</span> }.into_any()
}

/// A titled part of a page.
pub fn section(title: Text, body: AnyView) -> AnyView {
    view! { <section class="card"><h2>{reactive(title)}</h2>{body}</section> }.into_any()
}

/// The main link of a page's head.
pub fn primary_link(href: String, text: Text) -> AnyView {
    view! { <a class="button primary" href=href>{reactive(text)}</a> }.into_any()
}

/// A link that looks like a button beside a more important one.
pub fn link(href: String, text: Text) -> AnyView {
    view! { <a class="button" href=href>{reactive(text)}</a> }.into_any()
}
