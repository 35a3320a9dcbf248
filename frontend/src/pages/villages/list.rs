//! The list of villages.

use contract::villages::{Industry, Village, VillageQuery};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use crate::api;
use crate::api::areas::within;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::components::page::{Tone, chip};
use crate::format;
use crate::i18n::{field, texts};

pub fn page() -> AnyView {
    list::page(List::<VillageQuery, Village> {
        heading: texts::villages::HEADING,
        columns: vec![
            Column::of("name").sorted("name"),
            Column::of("town_name"),
            Column::of("code").sorted("code"),
            Column::of("state"),
            Column::of("industries"),
            Column::of("old_base"),
            Column::of("population").number(),
            Column::of("low_income_households").sorted("low_income_households").number(),
            Column::of("collective_income_fen").number(),
        ],
        filters: vec![within(), Filter::coded::<Industry>("industry"), Filter::yes_no("old_base"), Filter::yes_no("ended")],
        call: api::villages::list,
        row,
        empty: texts::villages::EMPTY,
        create: None,
        export: Some(Export { path: "/villages/export", import: Some("/villages/import") }),
    })
}

fn row(village: &Village, lang: Lang) -> Row {
    let profile = &village.profile;
    let industries: Vec<_> = profile.industries.iter().map(|industry| industry.label(lang)).collect();
    let old_base = profile.old_base.then(|| chip(field("old_base"), Tone::Accent));
    Row::to(format!("/villages/{}", village.code))
        .text(village.name.clone())
        .text(village.town_name.clone())
        .text(village.code.clone())
        .mark(village.ended_on.map(|_| chip(texts::areas::ENDED, Tone::Bad)))
        .text(industries.join(lang.pick("、", ", ")))
        .mark(old_base)
        .text(profile.population.map(|people| format::count(people.into())))
        .text(format::count(profile.low_income_households.into()))
        .text(profile.collective_income_fen.map(format::money))
}
