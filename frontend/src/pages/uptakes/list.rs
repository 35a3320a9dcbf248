//! The list of uptakes.

use contract::cases::{Uptake, UptakeQuery};
use contract::{Lang, Permission, Resource};
use leptos::prelude::*;

use crate::api::areas::within;
use crate::api::cases::PUBLISHED_CASES;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<UptakeQuery, Uptake> {
        heading: texts::uptakes::HEADING,
        columns: vec![
            Column::of("case_title"),
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("taken_on").sorted("taken_on"),
            Column::of("words"),
        ],
        filters: vec![within(), Filter::pick("case_id", PUBLISHED_CASES), Filter::pick("pairing_id", PAIRINGS).when_set()],
        call: api::cases::uptakes,
        row,
        empty: texts::uptakes::EMPTY,
        create: Some(Create { href: "/case-uptakes/new", text: texts::uptakes::CREATE, permission: Permission::TakeUpCases }),
        export: Some(Export { path: "/case-uptakes/export", import: None }),
    })
}

fn row(uptake: &Uptake, lang: Lang) -> Row {
    Row::to(uptake.location())
        .text(uptake.case_title.clone())
        .text(uptake.village_name.clone())
        .text(uptake.organisation_name.clone())
        .text(format::date(uptake.details.taken_on, lang))
        .text(uptake.details.words.clone())
}
