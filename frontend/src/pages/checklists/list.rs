//! The list of checklists.

use contract::inspections::{Checklist, ChecklistQuery, ChecklistState};
use contract::{Lang, Permission, Resource};
use leptos::prelude::*;

use super::chip;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<ChecklistQuery, Checklist> {
        heading: texts::checklists::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("items").number(),
            Column::of("state"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![Filter::coded::<ChecklistState>("state")],
        call: api::checklists::list,
        row,
        empty: texts::checklists::EMPTY,
        create: Some(Create {
            href: "/checklists/new",
            text: texts::checklists::CREATE,
            permission: Permission::WriteChecklists,
        }),
        export: Some(Export { path: "/checklists/export", import: None }),
    })
}

fn row(checklist: &Checklist, lang: Lang) -> Row {
    Row::to(checklist.location())
        .text(checklist.details.title.clone())
        .text(checklist.details.items.len().to_string())
        .mark(Some(chip(checklist.state)))
        .text(format::instant(checklist.updated_at, lang))
}
