//! What has appeared in public: list, page, form, import; and what has of a case, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::publicity::{PublicityItem, PublicityQuery, PublicityState};
use contract::{Lang, Permission, Resource};
use leptos::prelude::*;

use crate::components::import::{self, Import};
use crate::components::load;
use crate::components::page::{self, Tone};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, lang, texts};
use crate::{api, format, t};

const IMPORT: Import = Import {
    heading: texts::imports::PUBLICITY,
    path: "/publicity-items",
    list: texts::publicity::HEADING,
    hint: texts::imports::PUBLICITY_HINT,
    permission: Permission::ImportPublicity,
};

/// The page of a path below `/publicity-items`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        ["import"] => Some(import::page(IMPORT)),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The state as a chip.
fn chip(state: PublicityState) -> AnyView {
    let tone = match state {
        PublicityState::Recorded => Tone::Good,
        PublicityState::Withdrawn => Tone::Neutral,
    };
    page::chip(Text::label(state), tone)
}

/// How many it has reached, with what that counts.
fn reach(item: &PublicityItem, lang: Lang) -> Option<String> {
    let (reach, unit) = item.details.reach.zip(item.details.reach_unit.as_deref())?;
    Some(format!("{}{}{unit}", format::count(reach), lang.pick("", " ")))
}

/// The tab with the items that the query names, latest first.
pub fn tab(query: PublicityQuery) -> Tab {
    let query = PublicityQuery { limit: Some(200), ..query };
    Tab::new("publicity", texts::publicity::HEADING, move || rows(query.clone()))
}

fn rows(query: PublicityQuery) -> AnyView {
    load::show(load::load(move || api::publicity::list(&query)), |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(publicity::NONE)}</p> }.into_any();
        }
        let rows = page.items.iter().map(|item| {
            let day = item.details.appeared_on;
            Row::to(item.location())
                .text(item.details.title.clone())
                .label(Text::label(item.details.channel))
                .text(item.details.outlet.clone())
                .said(move || format::date(day, lang()))
                .mark(Some(chip(item.state)))
        });
        let heads = ["title", "channel", "outlet", "appeared_on", "state"].map(|name| (field(name), false));
        table::links(texts::publicity::HEADING, heads.to_vec(), rows)
    })
}
