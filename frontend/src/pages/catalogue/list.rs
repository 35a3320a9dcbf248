//! The catalogue: what villages need and organisations offer.

use contract::campaigns::Goal;
use contract::catalogue::{CatalogueEntry, CatalogueEntryQuery, CatalogueEntryState, CatalogueSide, SupplyKind, Urgency};
use contract::households::Group;
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::counted;
use super::detail::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{router, t};

pub fn page() -> AnyView {
    let booklet = view! {
        <a class="button" href=move || format!("/catalogue-entries/booklet?{}", router::search())>{t!(catalogue::BOOKLET)}</a>
    };
    let list = List::<CatalogueEntryQuery, CatalogueEntry> {
        heading: texts::catalogue::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("side"),
            Column::of("name"),
            Column::of("town_name"),
            Column::of("goal"),
            Column::of("kind"),
            Column::of("urgency"),
            Column::of("state"),
            Column::of("quantity").sorted("quantity").number(),
            Column::of("remaining").number(),
        ],
        filters: vec![
            Filter::coded::<CatalogueSide>("side"),
            Filter::coded::<CatalogueEntryState>("state"),
            Filter::coded::<Goal>("goal"),
            Filter::coded::<SupplyKind>("kind"),
            Filter::coded::<Urgency>("urgency"),
            Filter::yes_no("remains"),
            within(),
            Filter::coded::<Industry>("industry"),
            Filter::coded::<Group>("for_group"),
            Filter::month("month"),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::catalogue::list,
        row,
        empty: texts::catalogue::EMPTY,
        create: Some(Create {
            href: "/catalogue-entries/new",
            text: texts::catalogue::CREATE,
            permission: Permission::WriteCatalogue,
        }),
        export: Some(Export { path: "/catalogue-entries/export", import: Some("/catalogue-entries/import") }),
    };
    list::page_with(list, booklet.into_any())
}

fn row(entry: &CatalogueEntry, lang: Lang) -> Row {
    let details = &entry.details;
    Row::to(entry.location())
        .text(details.title.clone())
        .text(entry.side.label(lang).to_owned())
        .text(entry.name.clone())
        .text(entry.town_name.clone())
        .text(details.goal.label(lang).to_owned())
        .text(details.kind.label(lang).to_owned())
        .text(details.urgency.label(lang).to_owned())
        .mark(Some(chip(entry.state)))
        .text(counted(details.quantity, entry))
        .text(counted(entry.remaining, entry))
}
