//! The list of tasks.

use contract::projects::{ResponsibleSide, Task, TaskQuery, TaskState};
use contract::{CodedEnum, Lang};
use leptos::prelude::*;

use super::detail::chip;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::api::pairings::PAIRINGS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Export, List, Row};
use crate::i18n::texts;
use crate::{api, format};

pub fn page() -> AnyView {
    list::page(List::<TaskQuery, Task> {
        heading: texts::tasks::HEADING,
        columns: vec![
            Column::of("title"),
            Column::of("project_title"),
            Column::of("village_name"),
            Column::of("organisation_name"),
            Column::of("responsible"),
            Column::of("due_on").sorted("due_on"),
            Column::of("state"),
        ],
        filters: vec![
            Filter::coded::<TaskState>("state"),
            Filter::yes_no("waits_for_me"),
            Filter::yes_no("overdue"),
            Filter::month("month"),
            Filter::coded::<ResponsibleSide>("responsible"),
            within(),
            Filter::pick("pairing_id", PAIRINGS),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::tasks::list,
        row,
        empty: texts::tasks::EMPTY,
        create: None,
        export: Some(Export { path: "/tasks/export", import: None }),
    })
}

fn row(task: &Task, lang: Lang) -> Row {
    Row::to(format!("/tasks/{}", task.id))
        .text(task.details.title.clone())
        .text(task.project_title.clone())
        .text(task.village_name.clone())
        .text(task.organisation_name.clone())
        .text(task.details.responsible.label(lang).to_owned())
        .text(format::date(task.details.due_on, lang))
        .mark(Some(chip(task)))
}
