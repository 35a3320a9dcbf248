//! The list of assistance records.

use contract::assistance::{AidKind, AssistanceRecord, RecordQuery, RecordState};
use contract::campaigns::Indicator;
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use super::goods_words;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::households::HOUSEHOLDS;
use crate::api::organisations::ORGANISATIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<RecordQuery, AssistanceRecord> {
        heading: texts::assistance::HEADING,
        columns: vec![
            Column::of("file_number"),
            Column::of("head_name"),
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("kind"),
            Column::of("amount_fen").number(),
            Column::of("goods"),
            Column::of("happened_on").sorted("happened_on"),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<RecordState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::coded::<AidKind>("kind"),
            Filter::month("month"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("household_id", HOUSEHOLDS).when_set(),
            Filter::text("pairing_id").when_set(),
            Filter::pick("organisation_id", ORGANISATIONS).when_set(),
            Filter::text("measure_id").when_set(),
            Filter::text("carried_in").when_set(),
            Filter::coded::<Indicator>("indicator").when_set(),
        ],
        call: api::assistance::list,
        row,
        empty: texts::assistance::EMPTY,
        create: Some(Create {
            href: "/assistance-records/new",
            text: texts::assistance::CREATE,
            permission: Permission::WriteAssistance,
        }),
        export: Some(Export { path: "/assistance-records/export", import: None }),
    })
}

fn row(record: &AssistanceRecord, lang: Lang) -> Row {
    let giver = record.organisation_name.clone().unwrap_or_else(|| record.recorded_by.label(lang).to_owned());
    Row::to(format!("/assistance-records/{}", record.id))
        .text(record.file_number.clone())
        .text(record.head_name.clone())
        .text(record.village_name.clone())
        .text(giver)
        .text(record.kind.label(lang).to_owned())
        .text(record.amount_fen.map(format::money))
        .text((!record.goods.is_empty()).then(|| goods_words(&record.goods, lang)))
        .text(format::date(record.happened_on, lang))
        .mark(Some(chip(record.state)))
}
