//! The list of monthly updates.

use contract::adoptions::{AdoptionUpdate, AdoptionUpdateQuery};
use contract::{Lang, Permission, Resource, Role};
use leptos::prelude::*;

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
    list::page(List::<AdoptionUpdateQuery, AdoptionUpdate> {
        heading: texts::adoption_updates::HEADING,
        columns: vec![
            Column::of("institution_name"),
            Column::of("cadre_name"),
            Column::of("month").sorted("month"),
            Column::of("content"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::month("month"),
            within(),
            Filter::pick("institution_id", INSTITUTIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("cadre_id", CADRES).when_set(),
            Filter::pick("adoption_id", ADOPTIONS).when_set(),
        ],
        call: api::adoption_updates::list,
        row,
        empty: texts::adoption_updates::EMPTY,
        create: session::is_one_of(&[Role::Cadre]).then_some(Create {
            href: "/adoption-updates/new",
            text: texts::adoption_updates::CREATE,
            permission: Permission::WriteAdoptions,
        }),
        export: Some(Export { path: "/adoption-updates/export", import: None }),
    })
}

fn row(update: &AdoptionUpdate, lang: Lang) -> Row {
    Row::to(update.location())
        .text(update.institution_name.clone())
        .text(update.cadre_name.clone())
        .text(format::month(update.details.month, lang))
        .text(update.details.content.clone())
        .text(format::instant(update.updated_at, lang))
}
