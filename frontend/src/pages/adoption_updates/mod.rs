//! What cadres did for institutions month by month: list, page, form; and the months of an adoption, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::Resource;
use contract::adoptions::AdoptionUpdateQuery;
use leptos::prelude::*;

use crate::components::load;
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{field, lang, texts};
use crate::{api, format, t};

/// The page of a path below `/adoption-updates`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The tab with the months that the query names, latest first.
pub fn tab(query: AdoptionUpdateQuery) -> Tab {
    let query = AdoptionUpdateQuery { limit: Some(200), ..query };
    Tab::new("updates", texts::adoption_updates::HEADING, move || months(query.clone()))
}

fn months(query: AdoptionUpdateQuery) -> AnyView {
    load::show(load::load(move || api::adoption_updates::list(&query)), |page| {
        if page.items.is_empty() {
            return view! { <p class="muted">{t!(adoption_updates::NONE)}</p> }.into_any();
        }
        let rows = page.items.iter().map(|update| {
            let month = update.details.month;
            Row::to(update.location()).said(move || format::month(month, lang())).text(update.details.content.clone())
        });
        let heads = ["month", "content"].map(|name| (field(name), false));
        table::links(texts::adoption_updates::HEADING, heads.to_vec(), rows)
    })
}
