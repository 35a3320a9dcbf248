//! What cadres did for institutions month by month: list, page, form; and the months of an adoption, as a tab of its page.

mod detail;
mod form;
mod list;

use contract::adoptions::{AdoptionUpdate, AdoptionUpdateQuery};
use contract::{ObjectKind, Resource};
use leptos::prelude::*;

use crate::components::excerpt::Excerpt;
use crate::components::table::Row;
use crate::components::tabs::Tab;
use crate::i18n::{field, lang, texts};
use crate::{api, format};

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
    let excerpt = Excerpt {
        kind: ObjectKind::AdoptionUpdate,
        heading: texts::adoption_updates::HEADING,
        heads: ["month", "content"].map(|name| (field(name), false)).to_vec(),
        call: api::adoption_updates::list,
        row,
        none: texts::adoption_updates::NONE,
    };
    excerpt.tab("updates", query)
}

fn row(update: &AdoptionUpdate) -> Row {
    let month = update.details.month;
    Row::to(update.location()).said(move || format::month(month, lang())).text(update.details.content.clone())
}
