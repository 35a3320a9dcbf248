//! The list of measures.

use contract::assistance::AidKind;
use contract::plans::{Measure, MeasureQuery, MeasureSide, MeasureState};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use super::detail::chip;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::households::HOUSEHOLDS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<MeasureQuery, Measure> {
        heading: texts::measures::HEADING,
        columns: vec![
            Column::of("file_number"),
            Column::of("village_name"),
            Column::of("month").sorted("month"),
            Column::of("kind"),
            Column::of("description"),
            Column::of("responsible"),
            Column::of("amount_fen").number(),
            Column::of("given_fen").number(),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<MeasureState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::month("month"),
            Filter::coded::<AidKind>("kind"),
            Filter::coded::<MeasureSide>("responsible"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("household_id", HOUSEHOLDS).when_set(),
            Filter::text("pairing_id").when_set(),
        ],
        call: api::plans::measures,
        row,
        empty: texts::measures::EMPTY,
        create: None,
        export: Some(Export { path: "/assistance-measures/export", import: None }),
    })
}

fn row(measure: &Measure, lang: Lang) -> Row {
    let whose = measure.organisation_name.clone().unwrap_or_else(|| measure.responsible.label(lang).to_owned());
    Row::to(format!("/assistance-measures/{}", measure.id))
        .text(measure.file_number.clone())
        .text(measure.village_name.clone())
        .text(format::month(measure.month, lang))
        .text(measure.kind.label(lang).to_owned())
        .text(measure.description.clone())
        .text(whose)
        .text(measure.amount_fen.map(format::money))
        .text(Some(measure.given_fen).filter(|fen| *fen > 0).map(format::money))
        .mark(Some(chip(measure)))
}
