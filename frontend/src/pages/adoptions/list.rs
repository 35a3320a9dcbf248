//! The list of adoptions.

use contract::adoptions::{Adoption, AdoptionQuery, AdoptionState};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::api::adoptions::CADRES;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::institutions::INSTITUTIONS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<AdoptionQuery, Adoption> {
        heading: texts::adoptions::HEADING,
        columns: vec![
            Column::of("institution_name").sorted("institution_name"),
            Column::of("cadre_name").sorted("cadre_name"),
            Column::of("area_name"),
            Column::of("state"),
            Column::of("proposed_by"),
            Column::of("active_since"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<AdoptionState>("state"),
            Filter::yes_no("waits_for_me"),
            within(),
            Filter::pick("institution_id", INSTITUTIONS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::pick("cadre_id", CADRES).when_set(),
            Filter::month("active_in").when_set(),
            Filter::month("without_update_in").when_set(),
        ],
        call: api::adoptions::list,
        row,
        empty: texts::adoptions::EMPTY,
        create: Some(Create { href: "/adoptions/new", text: texts::adoptions::CREATE, permission: Permission::WriteAdoptions }),
        export: Some(Export { path: "/adoptions/export", import: None }),
    })
}

fn row(adoption: &Adoption, lang: Lang) -> Row {
    Row::to(adoption.location())
        .text(adoption.institution_name.clone())
        .text(adoption.cadre_name.clone())
        .text(adoption.area_name.clone())
        .mark(Some(chip(adoption.state)))
        .text(adoption.proposed_by.label(lang).to_owned())
        .text(adoption.active_since.map(|day| format::date(day, lang)))
        .text(format::instant(adoption.updated_at, lang))
}
