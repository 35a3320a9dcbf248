//! Who has taken up what others do: list, page, form; and those of a case, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::Resource;
use contract::cases::{Uptake, UptakeQuery};
use leptos::prelude::*;

use crate::components::load;
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{field, lang, texts};
use crate::{api, format, t};

/// The page of a path below `/case-uptakes`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The village and the organisation of an uptake.
fn who(uptake: &Uptake) -> String {
    let sides = [&uptake.village_name, &uptake.organisation_name];
    sides.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}

/// The tab with the uptakes that the query names, latest first.
pub fn tab(query: UptakeQuery) -> Tab {
    let query = UptakeQuery { limit: Some(200), ..query };
    Tab::new("uptakes", texts::uptakes::HEADING, move || rows(query.clone()))
}

fn rows(query: UptakeQuery) -> AnyView {
    load::show(load::load(move || api::cases::uptakes(&query)), |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(uptakes::NONE)}</p> }.into_any();
        }
        let rows = page.items.iter().map(|uptake| {
            let day = uptake.details.taken_on;
            Row::to(uptake.location())
                .text(who(uptake))
                .said(move || format::date(day, lang()))
                .text(uptake.details.words.clone())
        });
        let heads = vec![(texts::uptakes::WHO, false), (field("taken_on"), false), (field("words"), false)];
        table::links(texts::uptakes::HEADING, heads, rows)
    })
}
