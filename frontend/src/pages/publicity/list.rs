//! The list of what has appeared in public.

use contract::publicity::{Channel, PublicityItem, PublicityQuery, PublicityState};
use contract::{CodedEnum, Lang, Permission, Resource};
use leptos::prelude::*;

use super::{chip, reach};
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::cases::PUBLISHED_CASES;
use crate::api::organisations::ORGANISATIONS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format, session};

pub fn page() -> AnyView {
    let mut filters = vec![
        Filter::coded::<Channel>("channel"),
        Filter::month("month"),
        within(),
        Filter::coded::<PublicityState>("state"),
        Filter::pick("campaign_id", CAMPAIGNS),
        Filter::pick("case_id", PUBLISHED_CASES),
        Filter::pick("pairing_id", PAIRINGS).when_set(),
    ];
    if session::may(Permission::ReadOrganisations) {
        filters.push(Filter::pick("organisation_id", ORGANISATIONS));
    }
    let import = session::may(Permission::ImportPublicity).then_some("/publicity-items/import");
    list::page(List::<PublicityQuery, PublicityItem> {
        heading: texts::publicity::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("channel"),
            Column::of("outlet"),
            Column::of("feature"),
            Column::of("appeared_on").sorted("appeared_on"),
            Column::of("reach").number(),
            Column::of("area_name"),
            Column::of("organisation_name"),
            Column::of("state"),
        ],
        filters,
        call: api::publicity::list,
        row,
        empty: texts::publicity::EMPTY,
        create: Some(Create {
            href: "/publicity-items/new",
            text: texts::publicity::CREATE,
            permission: Permission::WritePublicity,
        }),
        export: Some(Export { path: "/publicity-items/export", import }),
    })
}

fn row(item: &PublicityItem, lang: Lang) -> Row {
    let details = &item.details;
    Row::to(item.location())
        .text(details.title.clone())
        .text(details.channel.label(lang).to_owned())
        .text(details.outlet.clone())
        .text(details.feature.clone())
        .text(format::date(details.appeared_on, lang))
        .text(reach(item, lang))
        .text(item.area_name.clone())
        .text(item.organisation_name.clone())
        .mark(Some(chip(item.state)))
}
