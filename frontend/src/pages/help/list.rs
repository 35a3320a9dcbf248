//! The list of help.

use contract::adoptions::{HelpKind, HelpQuery, HelpRecord, HelpState};
use contract::{CodedEnum, Lang, Permission, Resource, Role};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::api::adoptions::{ADOPTIONS, CADRES};
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::institutions::INSTITUTIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::pages::assistance::goods_words;
use crate::{format, session};

pub fn page() -> AnyView {
    list::page(List::<HelpQuery, HelpRecord> {
        heading: texts::help::HEADING,
        columns: vec![
            Column::of("institution_name"),
            Column::of("cadre_name"),
            Column::of("kind"),
            Column::of("amount_fen").number(),
            Column::of("goods"),
            Column::of("hours").number(),
            Column::of("happened_on").sorted("happened_on"),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<HelpState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::coded::<HelpKind>("kind"),
            Filter::month("month"),
            within(),
            Filter::pick("institution_id", INSTITUTIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("cadre_id", CADRES).when_set(),
            Filter::pick("adoption_id", ADOPTIONS).when_set(),
        ],
        call: api::help::list,
        row,
        empty: texts::help::EMPTY,
        create: session::is_one_of(&[Role::Cadre]).then_some(Create {
            href: "/help-records/new",
            text: texts::help::CREATE,
            permission: Permission::WriteAdoptions,
        }),
        export: Some(Export { path: "/help-records/export", import: None }),
    })
}

fn row(record: &HelpRecord, lang: Lang) -> Row {
    let details = &record.details;
    Row::to(record.location())
        .text(record.institution_name.clone())
        .text(record.cadre_name.clone())
        .text(details.kind.label(lang).to_owned())
        .text(details.amount_fen.map(format::money))
        .text((!details.goods.is_empty()).then(|| goods_words(&details.goods, lang)))
        .text(details.hours.map(|hours| format::count(hours.into())))
        .text(format::date(details.happened_on, lang))
        .mark(Some(chip(record.state)))
}
