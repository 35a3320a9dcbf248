//! The list of projects.

use contract::campaigns::Goal;
use contract::projects::{ProjectQuery, ProjectState, ProjectSummary, WRITERS};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format, session, t};

pub fn page() -> AnyView {
    list::page(List::<ProjectQuery, ProjectSummary> {
        heading: texts::projects::HEADING,
        columns: vec![
            Column::of("title").sorted("title"),
            Column::of("village_name").sorted("village_code"),
            Column::of("organisation_name"),
            Column::of("goal"),
            Column::of("state"),
            Column::of("progress_percent"),
            Column::of("ends_on").sorted("ends_on"),
        ],
        filters: vec![
            Filter::coded::<ProjectState>("state"),
            Filter::coded::<Goal>("goal"),
            Filter::yes_no("waits_for_me"),
            Filter::yes_no("overdue"),
            Filter::yes_no("over_budget"),
            within(),
            Filter::pick("pairing_id", PAIRINGS),
            Filter::pick("campaign_id", CAMPAIGNS),
            Filter::yes_no("ready").when_set(),
        ],
        call: api::projects::list,
        row,
        empty: texts::projects::EMPTY,
        create: session::is_one_of(WRITERS).then_some(Create {
            href: "/projects/new",
            text: texts::projects::CREATE,
            permission: Permission::WriteProjects,
        }),
        export: Some(Export { path: "/projects/export", import: None }),
    })
}

fn row(project: &ProjectSummary, lang: Lang) -> Row {
    let head = &project.head;
    Row::to(format!("/projects/{}", head.id))
        .text(project.title.clone())
        .text(head.village_name.clone())
        .text(head.organisation_name.clone())
        .text(project.goal.label(lang).to_owned())
        .mark(Some(chip(head.state)))
        .text(t!(projects::progress, head.progress_percent, head.tasks_done, head.tasks_total))
        .text(format::date(project.ends_on, lang))
}
