//! The list of institutions.

use contract::institutions::{ENTERED_BY, Institution, InstitutionKind, InstitutionQuery, InstitutionState};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::number;
use crate::api;
use crate::api::areas::within;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{format, session};

pub fn page() -> AnyView {
    list::page(List::<InstitutionQuery, Institution> {
        heading: texts::institutions::HEADING,
        columns: vec![
            Column::of("name").sorted("name"),
            Column::of("kind"),
            Column::of("area_name"),
            Column::of("bed_count").number(),
            Column::of("staff_count").number(),
            Column::of("served_count").number(),
            Column::of("difficulties"),
            Column::of("state"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            within(),
            Filter::coded::<InstitutionKind>("kind"),
            Filter::yes_no("in_difficulty"),
            Filter::coded::<InstitutionState>("state"),
        ],
        call: api::institutions::list,
        row,
        empty: texts::institutions::EMPTY,
        create: session::is_one_of(ENTERED_BY).then_some(Create {
            href: "/institutions/new",
            text: texts::institutions::CREATE,
            permission: Permission::WriteInstitutions,
        }),
        export: Some(Export { path: "/institutions/export", import: Some("/institutions/import") }),
    })
}

fn row(institution: &Institution, lang: Lang) -> Row {
    let details = &institution.details;
    Row::to(institution.location())
        .text(details.name.clone())
        .text(details.kind.label(lang).to_owned())
        .text(institution.area_name.clone())
        .text(number(details.bed_count))
        .text(number(details.staff_count))
        .text(number(details.served_count))
        .text(details.difficulties.clone())
        .text(institution.state.label(lang).to_owned())
        .text(format::instant(institution.updated_at, lang))
}
