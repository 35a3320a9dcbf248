//! The list of meetings.

use contract::meetings::{MeetingKind, MeetingQuery, MeetingState, MeetingSummary};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<MeetingQuery, MeetingSummary> {
        heading: texts::meetings::HEADING,
        columns: vec![
            Column::of("title"),
            Column::of("held_on").sorted("held_on"),
            Column::of("kind"),
            Column::of("area_name"),
            Column::of("place"),
            Column::of("unit_count"),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<MeetingKind>("kind"),
            Filter::coded::<MeetingState>("state"),
            within(),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::meetings::list,
        row,
        empty: texts::meetings::EMPTY,
        create: Some(Create { href: "/meetings/new", text: texts::meetings::CREATE, permission: Permission::WriteMeetings }),
        export: Some(Export { path: "/meetings/export", import: None }),
    })
}

fn row(meeting: &MeetingSummary, lang: Lang) -> Row {
    let head = &meeting.head;
    Row::to(format!("/meetings/{}", head.id))
        .text(meeting.title.clone())
        .text(format::date(meeting.held_on, lang))
        .text(meeting.kind.label(lang).to_owned())
        .text(head.area_name.clone())
        .text(meeting.place.clone())
        .text(head.unit_count.to_string())
        .mark(Some(chip(head.state)))
}
