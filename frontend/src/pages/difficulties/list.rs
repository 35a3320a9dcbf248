//! The list of difficulties.

use contract::adoptions::{Difficulty, DifficultyQuery, DifficultyState};
use contract::{Lang, Permission, Resource, Role};
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
use crate::{format, session};

pub fn page() -> AnyView {
    list::page(List::<DifficultyQuery, Difficulty> {
        heading: texts::difficulties::HEADING,
        columns: vec![
            Column::of("title"),
            Column::of("institution_name"),
            Column::of("state"),
            Column::of("raised_on").sorted("raised_on"),
            Column::of("solved_on"),
            Column::of("solution"),
            Column::of("cadre_name"),
        ],
        filters: vec![
            Filter::coded::<DifficultyState>("state"),
            Filter::yes_no("waits_for_me"),
            within(),
            Filter::pick("institution_id", INSTITUTIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("adoption_id", ADOPTIONS).when_set(),
            Filter::pick("cadre_id", CADRES).when_set(),
            Filter::month("solved_in").when_set(),
        ],
        call: api::difficulties::list,
        row,
        empty: texts::difficulties::EMPTY,
        create: session::is_one_of(&[Role::Institution]).then_some(Create {
            href: "/difficulties/new",
            text: texts::difficulties::CREATE,
            permission: Permission::WriteAdoptions,
        }),
        export: Some(Export { path: "/difficulties/export", import: None }),
    })
}

fn row(difficulty: &Difficulty, lang: Lang) -> Row {
    Row::to(difficulty.location())
        .text(difficulty.details.title.clone())
        .text(difficulty.institution_name.clone())
        .mark(Some(chip(difficulty.state)))
        .text(format::date(difficulty.details.raised_on, lang))
        .text(difficulty.solved_on.map(|day| format::date(day, lang)))
        .text(difficulty.solution.clone())
        .text(difficulty.cadre_name.clone())
}
