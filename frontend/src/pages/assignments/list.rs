//! The drafts of a campaign's assignment.

use contract::assignments::{Assignment, AssignmentQuery, AssignmentState};
use contract::{Lang, Permission, Resource};
use leptos::prelude::*;

use super::detail::chip;
use crate::api;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, List, Row};
use crate::format;
use crate::i18n::texts;

pub fn page() -> AnyView {
    list::page(List::<AssignmentQuery, Assignment> {
        heading: texts::nav::ASSIGNMENTS,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("state"),
            Column::of("total").number(),
            Column::of("greedy_total").number(),
            Column::of("lines").number(),
            Column::of("organisations_without").number(),
            Column::of("campaign_title"),
            Column::of("updated_at").sorted("updated_at"),
        ],
        filters: vec![Filter::coded::<AssignmentState>("state"), Filter::pick("campaign_id", CAMPAIGNS)],
        call: api::assignments::list,
        row,
        empty: texts::assignments::EMPTY,
        create: Some(Create {
            href: "/assignments/new",
            text: texts::assignments::CREATE,
            permission: Permission::WriteAssignments,
        }),
        export: None,
    })
}

fn row(draft: &Assignment, lang: Lang) -> Row {
    Row::to(draft.location())
        .text(draft.details.title.clone())
        .mark(Some(chip(draft.state)))
        .text(format::count(draft.figures.total))
        .text(format::count(draft.figures.greedy_total))
        .text(format::count(draft.figures.lines))
        .text(format::count(draft.figures.organisations_without))
        .text(draft.campaign_title.clone())
        .text(format::instant(draft.updated_at, lang))
}
