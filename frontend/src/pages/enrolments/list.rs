//! The participants: the catalogue from which both sides choose.

use contract::enrolments::{Enrolment, EnrolmentKind, EnrolmentQuery, EnrolmentState};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<EnrolmentQuery, Enrolment> {
        heading: texts::enrolments::HEADING,
        columns: vec![
            Column::of("name").sorted("name"),
            Column::of("town_name").sorted("area_code"),
            Column::of("kind"),
            Column::of("state"),
            Column::of("places"),
            Column::of("note"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<EnrolmentKind>("kind"),
            Filter::coded::<EnrolmentState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::yes_no("without_entry"),
            within(),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::enrolments::list,
        row,
        empty: texts::enrolments::EMPTY,
        create: Some(Create {
            href: "/enrolments/new",
            text: texts::enrolments::CREATE,
            permission: Permission::WriteEnrolments,
        }),
        export: Some(Export { path: "/enrolments/export", import: None }),
    })
}

fn row(enrolment: &Enrolment, lang: Lang) -> Row {
    Row::to(format!("/enrolments/{}", enrolment.id))
        .text(enrolment.name.clone())
        .text(enrolment.town_name.clone())
        .text(enrolment.kind.label(lang).to_owned())
        .mark(Some(chip(enrolment.state)))
        .text(enrolment.places.map(|places| format::count(places.into())))
        .text(enrolment.note.clone())
        .text(format::instant(enrolment.updated_at, lang))
}
