//! Needs and offers: list, page, form, import; and those of a village or an organisation, as a tab of its page.

mod booklet;
mod detail;
mod form;
mod list;

use contract::catalogue::{CatalogueEntry, CatalogueEntryQuery, CommittedEntry};
use contract::{ObjectKind, Permission, Resource};
use leptos::prelude::*;

pub use detail::chip;

use crate::components::excerpt::Excerpt;
use crate::components::import::{self, Import};
use crate::components::table::{self, Row};
use crate::components::tabs::Tab;
use crate::i18n::{Text, field, texts};
use crate::{api, format, t};

const IMPORT: Import = Import {
    heading: texts::imports::CATALOGUE,
    path: "/catalogue-entries",
    list: texts::catalogue::HEADING,
    hint: texts::imports::CATALOGUE_HINT,
    permission: Permission::ImportCatalogue,
};

/// The page of a path below `/catalogue-entries`.
pub fn at(rest: &[&str]) -> Option<AnyView> {
    match rest {
        [] => Some(list::page()),
        ["new"] => Some(form::create()),
        ["booklet"] => Some(booklet::page()),
        ["import"] => Some(import::page(IMPORT)),
        [id] => Some(detail::page(id)),
        [id, "edit"] => Some(form::edit(id)),
        _ => None,
    }
}

/// The tab with the entries of a village or an organisation, which the query names.
pub fn tab(query: CatalogueEntryQuery) -> Tab {
    let heads = ["title", "side", "goal", "state", "quantity", "remaining"];
    let excerpt = Excerpt {
        kind: ObjectKind::CatalogueEntry,
        heading: texts::catalogue::HEADING,
        heads: heads.map(|name| (field(name), matches!(name, "quantity" | "remaining"))).to_vec(),
        call: api::catalogue::list,
        row,
        none: texts::catalogue::NONE,
    };
    excerpt.tab("catalogue", query)
}

fn row(entry: &CatalogueEntry) -> Row {
    Row::to(entry.location())
        .text(entry.details.title.clone())
        .label(Text::label(entry.side))
        .label(Text::label(entry.details.goal))
        .mark(Some(chip(entry.state)))
        .text(counted(entry.details.quantity, entry))
        .text(counted(entry.remaining, entry))
}

/// The entries of which a project or a pairing takes something.
pub fn committed(entries: &[CommittedEntry]) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    let rows = entries.iter().map(|entry| {
        Row::to(ObjectKind::CatalogueEntry.location(entry.entry_id))
            .text(entry.title.clone())
            .label(Text::label(entry.side))
            .mark(Some(chip(entry.state)))
            .text(format!("{} {}", format::count(entry.quantity), entry.quantity_unit))
    });
    let heads = ["title", "side", "state", "quantity"].map(|name| (field(name), name == "quantity"));
    view! {
        <h2>{t!(catalogue::TAKES)}</h2>
        {table::links(texts::catalogue::TAKES, heads.to_vec(), rows)}
    }
    .into_any()
}

/// An amount with what it counts.
fn counted(amount: i64, entry: &CatalogueEntry) -> String {
    format!("{} {}", format::count(amount), entry.details.quantity_unit)
}
