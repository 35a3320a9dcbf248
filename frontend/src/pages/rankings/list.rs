//! The list of rankings, for those who look at more than their own.

use contract::enrolments::EnrolmentKind;
use contract::rankings::{Ranking, RankingQuery, RankingState};
use contract::{CodedEnum, Lang, Permission, Resource, Role};
use leptos::prelude::*;

use super::detail::{chip, names};
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::format;
use crate::i18n::texts;
use crate::session;

pub fn page() -> AnyView {
    list::page(List::<RankingQuery, Ranking> {
        heading: texts::nav::RANKINGS,
        columns: vec![
            Column::of("name").sorted("name"),
            Column::of("kind"),
            Column::of("town_name"),
            Column::of("choices"),
            Column::of("state"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![
            Filter::coded::<EnrolmentKind>("kind"),
            Filter::coded::<RankingState>("state"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::rankings::list,
        row,
        empty: if session::is_one_of(&[Role::Town]) { texts::rankings::EMPTY_TOWN } else { texts::rankings::EMPTY },
        create: Some(Create { href: "/rankings/new", text: texts::rankings::CREATE_FOR, permission: Permission::WriteRankings }),
        export: Some(Export { path: "/rankings/export", import: None }),
    })
}

fn row(ranking: &Ranking, lang: Lang) -> Row {
    Row::to(ranking.location())
        .text(ranking.name.clone())
        .text(ranking.kind.label(lang).to_owned())
        .text(ranking.town_name.clone())
        .text(names(ranking, lang))
        .mark(Some(chip(ranking.state)))
        .text(format::instant(ranking.updated_at, lang))
}
