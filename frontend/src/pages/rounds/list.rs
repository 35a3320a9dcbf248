//! The list of rounds.

use contract::inspections::{InspectionRound, RoundKind, RoundQuery, RoundState};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::{chip, held};
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<RoundQuery, InspectionRound> {
        heading: texts::rounds::HEADING,
        columns: vec![
            Column::of("title"),
            Column::of("kind"),
            Column::of("area_name"),
            Column::of("state"),
            Column::of("starts_on").sorted("starts_on"),
            Column::of("ends_on"),
            Column::of("held").number(),
            Column::of("inspector_names"),
        ],
        filters: vec![
            Filter::coded::<RoundKind>("kind"),
            Filter::coded::<RoundState>("state"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::text("checklist_id").when_set(),
        ],
        call: api::rounds::list,
        row,
        empty: texts::rounds::EMPTY,
        create: Some(Create {
            href: "/inspection-rounds/new",
            text: texts::rounds::CREATE,
            permission: Permission::WriteInspections,
        }),
        export: Some(Export { path: "/inspection-rounds/export", import: None }),
    })
}

fn row(round: &InspectionRound, lang: Lang) -> Row {
    Row::to(round.location())
        .text(round.details.title.clone())
        .text(round.details.kind.label(lang).to_owned())
        .text(round.area_name.clone())
        .mark(Some(chip(round.state)))
        .text(format::date(round.details.starts_on, lang))
        .text(format::date(round.details.ends_on, lang))
        .text(held(round))
        .text(round.inspector_names.join(lang.pick("、", ", ")))
}
