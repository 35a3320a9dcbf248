//! The list of monthly forms.

use contract::reports::{COMPILERS, ReportQuery, ReportState, ReportSummary};
use contract::{CodedEnum, Lang, Permission};
use leptos::prelude::*;

use super::detail::chip;
use crate::api;
use crate::api::areas::within;
use crate::api::campaigns::CAMPAIGNS;
use crate::components::filters::Filter;
use crate::components::list::{self, Column, Create, Export, List, Row};
use crate::i18n::texts;
use crate::{format, session};

pub fn page() -> AnyView {
    list::page(List::<ReportQuery, ReportSummary> {
        heading: texts::nav::REPORTS,
        columns: vec![
            Column::of("town_name").sorted("town_code"),
            Column::of("month").sorted("month"),
            Column::of("state"),
            Column::of("standing"),
            Column::of("row_count").number(),
            Column::of("due_on"),
            Column::of("submitted_at"),
        ],
        filters: vec![
            Filter::month("month"),
            Filter::coded::<ReportState>("state"),
            Filter::yes_no("waits_for_me"),
            within(),
            Filter::pick("campaign_id", CAMPAIGNS),
        ],
        call: api::reports::list,
        row,
        empty: texts::reports::EMPTY,
        create: session::is_one_of(COMPILERS).then_some(Create {
            href: "/reports/new",
            text: texts::reports::CREATE,
            permission: Permission::WriteReports,
        }),
        export: Some(Export { path: "/reports/export", import: None }),
    })
}

fn row(report: &ReportSummary, lang: Lang) -> Row {
    Row::to(format!("/reports/{}", report.id))
        .text(report.town_name.clone())
        .text(format::month(report.month, lang))
        .mark(Some(chip(report.state)))
        .text(report.standing.label(lang).to_owned())
        .text(report.row_count.to_string())
        .text(format::date(report.due_on, lang))
        .text(report.submitted_at.map(|at| format::instant(at, lang)))
}
