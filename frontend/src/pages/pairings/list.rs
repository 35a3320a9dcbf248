//! The list of pairings.

use contract::pairings::{Pairing, PairingKind, PairingQuery, PairingState};
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
    list::page(List::<PairingQuery, Pairing> {
        heading: texts::pairings::HEADING,
        columns: vec![
            Column::of("village_name").sorted("village_code"),
            Column::of("household"),
            Column::of("organisation_name").sorted("organisation_name"),
            Column::of("town_name"),
            Column::of("state"),
            Column::of("proposed_by"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<PairingKind>("kind"),
            Filter::coded::<PairingState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::month("active_in"),
            within(),
            Filter::pick("organisation_id", ORGANISATIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::yes_no("without_agreement").when_set(),
            Filter::date("without_project_since").when_set(),
            Filter::number("projects_over").when_set(),
            Filter::month("without_update_in").when_set(),
        ],
        call: api::pairings::list,
        row,
        empty: texts::pairings::EMPTY,
        create: Some(Create { href: "/pairings/new", text: texts::pairings::CREATE, permission: Permission::WritePairings }),
        export: Some(Export { path: "/pairings/export", import: None }),
    })
}

fn row(pairing: &Pairing, lang: Lang) -> Row {
    Row::to(format!("/pairings/{}", pairing.id))
        .text(pairing.village_name.clone())
        .text(pairing.household.as_ref().map(|household| household.file_number.clone()))
        .text(pairing.organisation_name.clone())
        .text(pairing.town_name.clone())
        .mark(Some(chip(pairing.state)))
        .text(pairing.proposed_by.label(lang).to_owned())
        .text(format::instant(pairing.updated_at, lang))
}
