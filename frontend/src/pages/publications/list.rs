//! The list of publications.

use contract::publications::{PublicationHead, PublicationQuery, PublicationState};
use contract::{Lang, Permission};
use leptos::prelude::*;

use super::chip;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<PublicationQuery, PublicationHead> {
        heading: texts::publications::HEADING,
        columns: vec![
            Column::of("month").sorted("month"),
            Column::of("campaign_title"),
            Column::of("issue_number").number(),
            Column::of("published_on"),
            Column::of("shown_count").number(),
            Column::of("held_back_count").number(),
            Column::of("state"),
        ],
        filters: vec![Filter::month("month"), Filter::coded::<PublicationState>("state"), Filter::pick("campaign_id", CAMPAIGNS)],
        call: api::publications::list,
        row,
        empty: texts::publications::EMPTY,
        create: Some(Create {
            href: "/publications/new",
            text: texts::publications::CREATE,
            permission: Permission::WritePublications,
        }),
        export: Some(Export { path: "/publications/export", import: None }),
    })
}

fn row(head: &PublicationHead, lang: Lang) -> Row {
    Row::to(format!("/publications/{}", head.id))
        .text(format::month(head.month, lang))
        .text(head.campaign_title.clone())
        .text(head.issue_number.to_string())
        .text(format::date(head.published_on, lang))
        .text(head.shown_count.to_string())
        .text(head.held_back_count.to_string())
        .mark(Some(chip(head.state)))
}
