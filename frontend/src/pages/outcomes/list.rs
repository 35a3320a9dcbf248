//! The list of outcomes.

use contract::campaigns::Indicator;
use contract::outcomes::{Outcome, OutcomeQuery, OutcomeState};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::detail::{amount, chip};
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<OutcomeQuery, Outcome> {
        heading: texts::outcomes::HEADING,
        columns: vec![
            Column::of("indicator"),
            Column::of("quantity").sorted("quantity").number(),
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("state"),
            Column::of("happened_on").sorted("happened_on"),
        ],
        filters: vec![
            Filter::coded::<Indicator>("indicator"),
            Filter::coded::<OutcomeState>("state"),
            Filter::month("month"),
            Filter::yes_no("waits_for_me"),
            within(),
            Filter::pick("pairing_id", PAIRINGS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::outcomes::list,
        row,
        empty: texts::outcomes::EMPTY,
        create: Some(Create { href: "/outcomes/new", text: texts::outcomes::CREATE, permission: Permission::WriteProgress }),
        export: Some(Export { path: "/outcomes/export", import: None }),
    })
}

fn row(outcome: &Outcome, lang: Lang) -> Row {
    Row::to(format!("/outcomes/{}", outcome.id))
        .text(outcome.indicator.label(lang).to_owned())
        .text(amount(outcome))
        .text(outcome.village_name.clone())
        .text(outcome.organisation_name.clone())
        .mark(Some(chip(outcome.state)))
        .text(format::date(outcome.happened_on, lang))
}
