//! The list of progress updates.

use contract::progress::{ProgressQuery, ProgressUpdate};
use contract::{Lang, Permission};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<ProgressQuery, ProgressUpdate> {
        heading: texts::progress::HEADING,
        columns: vec![
            Column::of("village_name").sorted("village_code"),
            Column::of("organisation_name"),
            Column::of("month").sorted("month"),
            Column::of("content"),
            Column::of("progress"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::month("month"),
            within(),
            Filter::pick("pairing_id", PAIRINGS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::progress::list,
        row,
        empty: texts::progress::EMPTY,
        create: Some(Create {
            href: "/progress-updates/new",
            text: texts::progress::CREATE,
            permission: Permission::WriteProgress,
        }),
        export: Some(Export { path: "/progress-updates/export", import: None }),
    })
}

fn row(update: &ProgressUpdate, lang: Lang) -> Row {
    Row::to(format!("/progress-updates/{}", update.id))
        .text(update.village_name.clone())
        .text(update.organisation_name.clone())
        .text(format::month(update.month, lang))
        .text(update.content.clone())
        .text(update.progress.clone())
        .text(format::instant(update.updated_at, lang))
}
