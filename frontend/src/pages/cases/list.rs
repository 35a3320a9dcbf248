//! The list of cases and good practices: for whoever reads only what is published, the library.

use contract::campaigns::Goal;
use contract::cases::{Case, CaseKind, CaseQuery, CaseState};
use contract::villages::Industry;
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::organisations::ORGANISATIONS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{format, session};

pub fn page() -> AnyView {
    let mut filters = vec![
        Filter::coded::<CaseKind>("kind"),
        Filter::coded::<Goal>("goal"),
        Filter::coded::<Industry>("industry"),
        within(),
        Filter::coded::<CaseState>("state"),
        Filter::yes_no("taken_up"),
        Filter::pick("campaign_id", CAMPAIGNS),
        Filter::pick("pairing_id", PAIRINGS).when_set(),
    ];
    if session::may(Permission::WriteCases) {
        filters.push(Filter::yes_no("waits_for_me"));
    }
    if session::may(Permission::ReadOrganisations) {
        filters.push(Filter::pick("organisation_id", ORGANISATIONS));
    }
    list::page(List::<CaseQuery, Case> {
        heading: texts::cases::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("kind"),
            Column::of("area_name"),
            Column::of("organisation_name"),
            Column::of("goal"),
            Column::of("industry"),
            Column::of("state"),
            Column::of("published_on"),
            Column::of("uptakes").number(),
        ],
        filters,
        call: api::cases::list,
        row,
        empty: texts::cases::EMPTY,
        create: Some(Create { href: "/cases/new", text: texts::cases::CREATE, permission: Permission::WriteCases }),
        export: Some(Export { path: "/cases/export", import: None }),
    })
}

fn row(case: &Case, lang: Lang) -> Row {
    let details = &case.details;
    Row::to(case.location())
        .text(details.title.clone())
        .text(details.kind.label(lang).to_owned())
        .text(case.area_name.clone())
        .text(case.organisation_name.clone())
        .text(details.goal.label(lang).to_owned())
        .text(details.industry.map(|industry| industry.label(lang).to_owned()))
        .mark(Some(chip(case.state)))
        .text(case.published_on.map(|day| format::date(day, lang)))
        .text(format::count(case.uptakes))
}
